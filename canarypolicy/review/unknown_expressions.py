"""
Expressions that can be unknown although every signal in them has a value.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from canarypolicy.cel.expression import UNKNOWN
from canarypolicy.cel.interval import DOUBLES, INTS, Interval
from canarypolicy.cel.smt import lower
from canarypolicy.cel.terms import any_of, negated, number
from canarypolicy.cel.tree import Arithmetic, Call, Index, Macro, Negate, walk
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
        asked = own.present(expression.signals), *_sane(own, expression), negated(truth.known)
        answered = own.ask(*asked, *own.encoded.encoding.doubles.finite())
        if answered.answer is not Answer.IMPOSSIBLE:
            yield _remark(own, expression, answered)
            continue
        # what a proof knows of overflow is that it is far away: it is said only where the engine finds it, too
        model = own.ask(*asked).model
        for values in () if model is None else _far_out(own, _values(own, expression, model)):
            if expression.evaluate(values) is UNKNOWN:
                yield _unknown(expression, values)
                break


def _far_out(own: Own, values: dict[str, Value]) -> Iterator[dict[str, Value]]:
    """
    Give values, and the same with every number at the end of its range, if that is declared.
    """
    yield values
    for end, beyond in (("high", (INTS.high, DOUBLES.high)), ("low", (INTS.low, DOUBLES.low))):
        found = dict(values)
        for name in values:
            possible = own.encoded.snapshot.new[name].possible
            if isinstance(possible, Interval) and getattr(possible, end) not in beyond:
                found[name] = getattr(possible, end)
        yield found


def _expressions(own: Own) -> Iterator[Expression]:
    for rule in own.rules:
        yield rule.rule.when
        if rule.rule.unless is not None:
            yield rule.rule.unless
    for mark in own.marks.values():
        yield mark.rule.when


def _sane(own: Own, expression: Expression) -> Iterator[Term]:
    """
    Leave out what only an open range admits, and doubles next to 0.
    """
    for name in expression.signals:
        variable = own.encoded.snapshot.new[name]
        value, possible = variable.value, variable.possible
        if not isinstance(possible, Interval):
            continue
        largest, is_open = number(int(_LARGEST) if possible.is_int else _LARGEST), (INTS, DOUBLES)
        if possible.high in (each.high for each in is_open):
            yield value <= largest
        if possible.low in (each.low for each in is_open):
            yield value >= -largest
        if not possible.is_int:
            yield any_of((value == 0, value >= number(_SMALLEST), value <= -number(_SMALLEST)))


def _remark(own: Own, expression: Expression, answered: Answered) -> Remark:
    values = None if answered.model is None else _values(own, expression, answered.model)
    if values is not None and expression.evaluate(values) is UNKNOWN:
        return _unknown(expression, values)
    return Remark(
        name="not-answered",
        sentence=f"whether {code(_flat(expression))} can be unknown with every signal present is not known",
        place=expression.place.place(*expression.tree.span),
        certainty=Certainty.UNKNOWN,
        why=own.why_unknown(answered),
    )


def _unknown(expression: Expression, values: dict[str, Value]) -> Remark:
    return Remark(
        name="unknown-when-present",
        sentence=f"{code(_flat(expression))} is unknown although nothing is missing, at {_told(values)}",
        place=expression.place.place(*expression.tree.span),
        certainty=Certainty.WITNESS,
    )


def _flat(expression: Expression) -> str:
    return " ".join(expression.text.split())


def _values(own: Own, expression: Expression, model: Model) -> dict[str, Value]:
    found = {name: value_in(own.encoded, model, own.encoded.snapshot.new[name]) for name in expression.signals}
    return {name: value for name, value in found.items() if value is not None}


def _told(values: dict[str, Value]) -> str:
    told = [f"`{name}` {value!r}" for name, value in values.items()]
    return ", ".join(told[:_MOST_SHOWN]) + (", ..." if len(told) > _MOST_SHOWN else "")
