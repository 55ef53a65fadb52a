"""
A checked expression as plain JSON values and back; its reading is made anew when it is first asked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from canarypolicy.cel.expression import Expression, FellBack
from canarypolicy.cel.readings import late_reading
from canarypolicy.cel.stack import deep_stack
from canarypolicy.cel.tree import Has, Macro, Signal, walk
from canarypolicy.cel.tree_record import node_of, record_of
from canarypolicy.cel.types import RESULT
from canarypolicy.documents.signal_type import SignalType
from canarypolicy.documents.span import Embedded
from canarypolicy.engine.kept_values import each, maybe, text, whole

if TYPE_CHECKING:
    from canarypolicy.cel.tree import Node
    from canarypolicy.cel.types import CelType
    from canarypolicy.documents.span import SourceText, Span


def expression_record(expression: Expression) -> list[Any]:
    """
    Give an expression as a JSON value.

    A type is told by its name, or by null where it is that of a probe's result.
    """
    place, fell_back = expression.place, expression.fell_back
    types = [[name, type_.value if isinstance(type_, SignalType) else None] for name, type_ in expression.types.items()]
    stands = list(place.offsets)
    is_plain = stands == list(range(place.span.start, place.span.start + len(stands)))
    with deep_stack():
        tree = record_of(expression.tree)
    return [
        expression.text,
        place.span.start,
        place.span.end,
        None if is_plain else stands,
        tree,
        types,
        None if fell_back is None else [fell_back.reason, *fell_back.span],
    ]


def expression_of(record: Any, source: SourceText) -> Expression:
    """
    Give the expression of a record; one of another form, or that reads what it does not name, is a `ValueError`.
    """
    written, start, end, offsets, tree, names, fell_back = record
    types = dict(each(_typed, names))
    with deep_stack():
        node = node_of(tree)
        if any(part.name not in types for part in _read(node)):
            raise ValueError("a tree that reads more than it says")
    span = place_of(start, end, source)
    return Expression(
        text=text(written),
        tree=node,
        place=Embedded(text=written, span=span, offsets=_offsets(offsets, span, len(written))),
        signals=tuple(types),
        types=types,
        evaluate=late_reading(node, types),
        fell_back=maybe(_fell_back, fell_back),
    )


def place_of(start: Any, end: Any, source: SourceText) -> Span:
    """
    Give a place in the policy's text; one outside of it is a `ValueError`.
    """
    if not 0 <= whole(start) <= whole(end) <= len(source.text):
        raise ValueError("a place outside of the text")
    return source.span(start, end)


def _offsets(record: Any, span: Span, length: int) -> tuple[int, ...]:
    if record is None:
        return tuple(range(span.start, span.start + length + 1))
    offsets = each(whole, record)
    if len(offsets) != length + 1 or not all(0 <= offset <= len(span.source.text) for offset in offsets):
        raise ValueError("offsets of another text")
    return offsets


def _typed(record: Any) -> tuple[str, CelType]:
    name, type_ = record
    return text(name), RESULT[name] if type_ is None else SignalType(type_)


def _read(node: Node) -> list[Signal | Has]:
    variables = {part.variable for part in walk(node) if isinstance(part, Macro)}
    return [part for part in walk(node) if isinstance(part, Signal | Has) and part.name.partition(".")[0] not in variables]


def _fell_back(record: Any) -> FellBack:
    reason, start, end = record
    return FellBack(reason=text(reason), span=(whole(start), whole(end)))
