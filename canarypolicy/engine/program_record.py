"""
A program as plain JSON values and back: what a compiled policy is kept as, so that it need not be checked again.

Places are offsets in the policy's text, and expressions are typechecked trees, whose readings are made anew. A record may come
from a file that anybody wrote: what is not of this form is a `ValueError`, and nothing of it is run as it stands.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from canarypolicy.derived import DERIVED
from canarypolicy.documents.duration import microseconds
from canarypolicy.documents.rule_kind import Missing, RuleKind
from canarypolicy.documents.signal_type import SignalType, Worse
from canarypolicy.engine.expression_record import expression_of, expression_record, place_of
from canarypolicy.engine.kept_values import (
    KeptSignal,
    each,
    flag,
    maybe,
    number,
    parameters_of,
    parameters_record,
    text,
    texts,
    whole,
)
from canarypolicy.engine.program import Program, ProgramDerived, ProgramGate, ProgramRule, ProgramStep
from canarypolicy.engine.sustained import Asked

if TYPE_CHECKING:
    from collections.abc import Callable

    from canarypolicy.derived.window import Input
    from canarypolicy.documents.checked import CheckedPolicy
    from canarypolicy.documents.span import SourceText, Span
    from canarypolicy.engine.sample import Declared

Record = dict[str, Any]


def program_record(program: Program) -> Record:
    """
    Give a program as a JSON value.
    """
    return {
        "name": program.name,
        "revision": program.revision,
        "digest": program.digest,
        "declared": [[name, *_declared_record(signal)] for name, signal in program.declared.items()],
        "derived": [_derived_record(signal) for signal in program.derived],
        "slos": [_rule_record(rule) for rule in program.slos],
        "watches": [_rule_record(rule) for rule in program.watches],
        "steps": [_step_record(step) for step in program.steps],
        "before": [_gate_record(gate) for gate in program.before_gates],
        "after": [_gate_record(gate) for gate in program.after_gates],
        "every_us": program.every_us,
        "max_gap_us": program.max_gap_us,
    }


def program_of(record: Any, source: SourceText, check: Callable[[], CheckedPolicy]) -> Program:
    """
    Give the program of a record and of the policy's text; a record of another form is a `ValueError`.

    `check` checks the policy anew, for the one who asks for more than the fold needs.
    """
    match record:
        case {"declared": list(declared), "derived": list(derived), "steps": list(steps), **rest}:
            pass
        case _:
            raise ValueError("no record of a program")
    return Program(
        name=text(rest.get("name")),
        revision=maybe(whole, rest.get("revision")),
        digest=text(rest.get("digest")),
        source=source,
        declared=dict(each(_declared_of, declared)),
        derived=each(_derived_of, derived),
        slos=each(lambda rule: _rule_of(rule, source), rest.get("slos")),
        watches=each(lambda rule: _rule_of(rule, source), rest.get("watches")),
        steps=tuple(_step_of(step, index, source) for index, step in enumerate(steps)),
        before_gates=each(lambda gate: _gate_of(gate, source), rest.get("before")),
        after_gates=each(lambda gate: _gate_of(gate, source), rest.get("after")),
        every_us=whole(rest.get("every_us")),
        max_gap_us=whole(rest.get("max_gap_us")),
        check=check,
    )


def _declared_record(signal: Declared) -> list[Any]:
    values = None if signal.values is None else list(signal.values)
    worse = None if signal.worse is None else signal.worse.value
    max_age_us = None if signal.max_age is None else microseconds(signal.max_age)
    return [signal.type.value, *signal.range, values, worse, max_age_us]


def _declared_of(record: Any) -> tuple[str, KeptSignal]:
    name, type_, low, high, values, worse, max_age_us = record
    return text(name), KeptSignal(
        type=SignalType(type_),
        range=(maybe(number, low), maybe(number, high)),
        values=maybe(texts, values),
        worse=None if worse is None else Worse(worse),
        max_age_us=maybe(whole, max_age_us),
    )


def _derived_record(signal: ProgramDerived) -> list[Any]:
    inputs = [[each.type.value, *each.range] for each in signal.inputs]
    return [signal.name, signal.function.name, parameters_record(signal.parameters), inputs]


def _derived_of(record: Any) -> ProgramDerived:
    name, function_name, parameters, inputs = record
    function = DERIVED.get(function_name)
    if function is None:
        raise ValueError("no derived function")
    given = parameters_of(parameters, function.name)
    reads = function.inputs(given)
    read = each(_input_of, inputs)
    if len(read) != len(reads):
        raise ValueError("another number of inputs")
    return ProgramDerived(name=text(name), function=function, parameters=given, reads=reads, inputs=read)


def _input_of(record: Any) -> Input:
    from canarypolicy.derived.window import Input  # noqa: PLC0415 - most policies derive nothing

    type_, low, high = record
    return Input(type=SignalType(type_), range=(maybe(number, low), maybe(number, high)))


def _rule_record(rule: ProgramRule) -> list[Any]:
    asked = rule.asked
    return [
        rule.name,
        rule.kind.value,
        sorted(rule.acts_in),
        expression_record(rule.when),
        None if rule.unless is None else expression_record(rule.unless),
        [asked.for_us, asked.samples, asked.of, asked.missing.value, asked.after_us, asked.max_gap_us],
        rule.message,
        *_place_record(rule.location),
    ]


def _rule_of(record: Any, source: SourceText) -> ProgramRule:
    name, kind, acts_in, when, unless, asked, message, start, end = record
    condition = expression_of(when, source)
    exemption = None if unless is None else expression_of(unless, source)
    reads = condition.signals if exemption is None else tuple(dict.fromkeys((*condition.signals, *exemption.signals)))
    return ProgramRule(
        name=text(name),
        kind=RuleKind(kind),
        acts_in=frozenset(texts(acts_in)),
        when=condition,
        unless=exemption,
        asked=_asked_of(asked),
        message=maybe(text, message),
        location=place_of(start, end, source),
        reads=reads,
    )


def _asked_of(record: Any) -> Asked:
    for_us, samples, of, missing, after_us, max_gap_us = record
    return Asked(
        for_us=maybe(whole, for_us),
        samples=maybe(whole, samples),
        of=maybe(whole, of),
        missing=Missing(missing),
        after_us=maybe(whole, after_us),
        max_gap_us=whole(max_gap_us),
    )


def _step_record(step: ProgramStep) -> list[Any]:
    times = [step.min_us, step.max_us, step.rolls_back_on_timeout, step.needs_approval]
    return [step.name, step.weight, *times, *_place_record(step.location)]


def _step_of(record: Any, index: int, source: SourceText) -> ProgramStep:
    name, weight, min_us, max_us, rolls_back, needs_approval, start, end = record
    return ProgramStep(
        name=text(name),
        index=index,
        weight=float(number(weight)),
        min_us=whole(min_us),
        max_us=maybe(whole, max_us),
        rolls_back_on_timeout=flag(rolls_back),
        needs_approval=flag(needs_approval),
        location=place_of(start, end, source),
    )


def _gate_record(gate: ProgramGate) -> list[Any]:
    return [gate.name, expression_record(gate.require), gate.rolls_back_on_fail, *_place_record(gate.location)]


def _gate_of(record: Any, source: SourceText) -> ProgramGate:
    name, require, rolls_back, start, end = record
    return ProgramGate(
        name=text(name),
        require=expression_of(require, source),
        rolls_back_on_fail=flag(rolls_back),
        location=place_of(start, end, source),
    )


def _place_record(place: Span) -> tuple[int, int]:
    return place.start, place.end
