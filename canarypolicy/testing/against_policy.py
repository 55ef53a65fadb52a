"""
A PolicyTest beside its policy: names that the policy does not have, and series that say nothing to their signals.

A test that asks about what is not there would pass or fail for the wrong reason, so each of these is an error.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from canarypolicy.documents.duration import microseconds
from canarypolicy.documents.finding import Finding
from canarypolicy.documents.loading import in_order
from canarypolicy.documents.plan import BEFORE
from canarypolicy.documents.policytest import Near
from canarypolicy.documents.series import MOST_SAMPLES, series_of
from canarypolicy.documents.signals import BUILT_IN_SIGNALS, SignalType
from canarypolicy.documents.wording import code, suggestion
from canarypolicy.documents.written_rules import written_rules
from canarypolicy.engine.decision import FIXED_REASONS

if TYPE_CHECKING:
    from canarypolicy.documents.checked import CheckedPolicy, Path
    from canarypolicy.documents.policytest import Expectation
    from canarypolicy.documents.signals import Value
    from canarypolicy.testing.checked import CheckedPolicyTest, CheckedScenario


def check_against_policy(test: CheckedPolicyTest, checked: CheckedPolicy) -> tuple[Finding, ...]:
    """
    Give everything in a test that its policy does not know, in the order of the file.
    """
    names = _Names(checked)
    return in_order(finding for each in test.scenarios for finding in _scenario(test, each, names))


class _Names:
    """
    All that a test may name.
    """

    def __init__(self, checked: CheckedPolicy) -> None:
        policy = checked.policy
        gates = policy.plan.gates
        self.checked = checked
        self.measured = policy.signals
        self.types = {name: declared.type for name, declared in checked.declared.items()} | BUILT_IN_SIGNALS
        self.rules = [*dict.fromkeys(written.rule.name for written in written_rules(policy)), *FIXED_REASONS]
        self.steps = [step.name for step in policy.plan.steps]
        self.gates = [gate.name for gate in (*gates.before, *gates.after)]
        self.every_us = microseconds(policy.plan.every)


def _scenario(test: CheckedPolicyTest, each: CheckedScenario, names: _Names) -> Iterator[Finding]:
    yield from _series(test, each, names)
    yield from _events(test, each, names)
    for index, expectation in enumerate(each.scenario.expect):
        yield from _expectation(test, expectation, (*each.path, "expect", index), names)


def _series(test: CheckedPolicyTest, each: CheckedScenario, names: _Names) -> Iterator[Finding]:
    scenario = each.scenario
    count = None
    if scenario.lasts is not None:
        every_us = names.every_us if scenario.every is None else microseconds(scenario.every)
        count = microseconds(scenario.lasts) // every_us + 1
        if count > MOST_SAMPLES:
            message = f"the scenario has {count:,} samples, and {MOST_SAMPLES:,} is the most"
            yield Finding(name="series-too-long", message=message, span=test.at((*each.path, "lasts")))
    for name, text in (scenario.series or {}).items():
        path: Path = (*each.path, "series", name)
        signal = names.measured.get(name)
        if signal is None:
            yield _no_series(test, path, name, names)
            continue
        items, faults = series_of(text, signal)
        for fault in faults:
            yield Finding(name=fault.name, message=fault.message, span=test.within(path, *fault.span), help=fault.help)
        if count is not None and len(items) > count:
            message = f"the series has {len(items)} samples, and with `lasts` there are {count}"
            yield Finding(name="series-too-long", message=message, span=test.at(path), help="shorten it, or let it last longer")


def _no_series(test: CheckedPolicyTest, path: Path, name: str, names: _Names) -> Finding:
    if name in names.types:
        what = "built in" if name in BUILT_IN_SIGNALS else "derived"
        message = f"signal {code(name)} is {what}: it is computed, and has no series"
        return Finding(name="computed-signal", message=message, span=test.tree.key(path))
    help_ = suggestion(name, names.measured, "declared")
    return Finding(name="undeclared-signal", message=f"signal {code(name)} is not declared", span=test.tree.key(path), help=help_)


def _events(test: CheckedPolicyTest, each: CheckedScenario, names: _Names) -> Iterator[Finding]:
    for index, event in enumerate(each.scenario.events):
        path: Path = (*each.path, "events", index)
        if event.gate is not None and event.gate not in names.gates:
            help_ = suggestion(event.gate, names.gates, "gates") or "the plan has no gates"
            yield Finding(
                name="unknown-gate", message=f"there is no gate {code(event.gate)}", span=test.at((*path, "gate")), help=help_
            )
        yield from _unknown_step(test, (*path, "step"), event.step, names.steps)
        for name in event.signals or {}:
            if name not in names.measured:
                yield _no_series(test, (*path, "signals", name), name, names)


def _unknown_step(test: CheckedPolicyTest, path: Path, name: str | None, steps: Iterable[str]) -> Iterator[Finding]:
    if name is not None and name not in steps:
        help_ = suggestion(name, steps, "steps")
        yield Finding(name="unknown-step", message=f"there is no step {code(name)}", span=test.at(path), help=help_)


def _expectation(test: CheckedPolicyTest, expectation: Expectation, path: Path, names: _Names) -> Iterator[Finding]:
    yield from _unknown_step(test, (*path, "step"), expectation.step, [*names.steps, BEFORE])
    for index, name in enumerate(expectation.because or ()):
        if name not in names.rules:
            yield Finding(
                name="unknown-rule",
                message=f"there is no rule {code(name)}, and no fixed reason of that name",
                span=test.at((*path, "because", index)),
                help=suggestion(name, names.rules, "rules"),
            )
    for index, name in enumerate(expectation.missing or ()):
        if name not in names.types:
            yield _undeclared(name, names, test, (*path, "missing", index))
    for name, wanted in (expectation.values or {}).items():
        if name not in names.types:
            yield _undeclared(name, names, test, (*path, "values", name))
        elif not _could_be(wanted, names.types[name]):
            yield Finding(
                name="wrong-type",
                message=f"signal {code(name)} is {_a(names.types[name])}, which this value can never be",
                span=test.at((*path, "values", name)),
            )


def _undeclared(name: str, names: _Names, test: CheckedPolicyTest, path: Path) -> Finding:
    span = test.tree.keys.get(path, test.at(path))
    help_ = suggestion(name, names.types, "declared")
    return Finding(name="undeclared-signal", message=f"signal {code(name)} is not declared", span=span, help=help_)


def _could_be(wanted: Value | Near, type_: SignalType) -> bool:
    match type_:
        case SignalType.STRING:
            return isinstance(wanted, str)
        case SignalType.BOOL:
            return isinstance(wanted, bool)
    return isinstance(wanted, (Near, int, float)) and not isinstance(wanted, bool)


def _a(type_: SignalType) -> str:
    return f"an {type_.value}" if type_ is SignalType.INT else f"a {type_.value}"
