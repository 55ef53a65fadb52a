"""
Expressions that can be unknown although every signal in them has a value.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from canarypolicy.cel.expression import UNKNOWN
from canarypolicy.cel.smt import lower
from canarypolicy.cel.terms import all_of, any_of, negated, number
from canarypolicy.cel.tree import Arithmetic, Call, Index, Macro, Negate, walk
from canarypolicy.documents.signals import SignalType
from canarypolicy.documents.wording import code
from canarypolicy.review.findings import Certainty, Remark
from canarypolicy.review.questions import value_in
from canarypolicy.review.solver import Answer

if TYPE_CHECKING:
    from canarypolicy.cel.expression import Expression
    from canarypolicy.cel.terms import Term
    from canarypolicy.documents.signals import Value
    from canarypolicy.review.own import Own
    from canarypolicy.review.solver import Answered, Model

_LARGEST: Final = 1e12
_SMALLEST: Final = 1e-12
"""Numbers larger or, but for 0, smaller than these are not asked about: a range that is open upwards means no such thing."""
_MOST_SHOWN: Final = 4


def unknown_expressions(own: Own) -> Iterator[Remark]:
    """
    Give each expression of a rule or an invariant that some values make unknown, none of them missing.
    """
    for expression in _expressions(own):
        if not any(isinstance(node, Arithmetic | Call | Index | Macro | Negate) for node in walk(expression.tree)):
            continue
        truth = lower(own.encoded.new.lowering, expression)
        answered = own.ask(own.present(expression.signals), *_sane(own, expression), negated(truth.known))
        if answered.answer is not Answer.IMPOSSIBLE:
            yield _remark(own, expression, answered)


def _expressions(own: Own) -> Iterator[Expression]:
    for rule in own.rules:
        yield rule.rule.when
        if rule.rule.unless is not None:
            yield rule.rule.unless
    for mark in own.marks.values():
        yield mark.rule.when


def _sane(own: Own, expression: Expression) -> Iterator[Term]:
    for name in expression.signals:
        variable = own.encoded.snapshot.new[name]
        value = variable.value
        if variable.type is SignalType.INT:
            yield all_of((value <= int(_LARGEST), value >= -int(_LARGEST)))
        if variable.type is SignalType.DOUBLE:
            large, small = number(_LARGEST), number(_SMALLEST)
            yield any_of((value == 0, all_of((value >= small, value <= large)), all_of((value <= -small, value >= -large))))


def _remark(own: Own, expression: Expression, answered: Answered) -> Remark:
    values = None if answered.model is None else _values(own, expression, answered.model)
    place = expression.place.place(*expression.tree.span)
    shown = code(" ".join(expression.text.split()))
    if values is not None and expression.evaluate(values) is UNKNOWN:
        return Remark(
            name="unknown-when-present",
            sentence=f"{shown} is unknown although nothing is missing, at {_told(values)}",
            place=place,
            certainty=Certainty.WITNESS,
        )
    return Remark(
        name="not-answered",
        sentence=f"whether {shown} can be unknown with every signal present is not known",
        place=place,
        certainty=Certainty.UNKNOWN,
        why=own.why_unknown(answered),
    )


def _values(own: Own, expression: Expression, model: Model) -> dict[str, Value]:
    found = {name: value_in(own.encoded, model, own.encoded.snapshot.new[name]) for name in expression.signals}
    return {name: value for name, value in found.items() if value is not None}


def _told(values: dict[str, Value]) -> str:
    told = [f"`{name}` {value!r}" for name, value in values.items()]
    return ", ".join(told[:_MOST_SHOWN]) + (", ..." if len(told) > _MOST_SHOWN else "")
