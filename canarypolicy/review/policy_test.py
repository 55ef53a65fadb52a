"""
Witnesses as tests: a PolicyTest (SPEC section 7) that pins what a policy decides on a witness.

A test's history follows the policy's own decisions, so a witness in a later step is given the healthy samples by which the
policy gets there. The text is only given if the policy, so followed, decides what the witness says.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from canarypolicy.documents.duration import format_duration
from canarypolicy.documents.series_writing import series_text, yaml_text
from canarypolicy.documents.signals import SignalType
from canarypolicy.engine.decision import Verdict
from canarypolicy.engine.event import StepEvent
from canarypolicy.engine.rollout import Follow
from canarypolicy.engine.sample import RawSample
from canarypolicy.history.recording import Recording
from canarypolicy.history.replay import replay

if TYPE_CHECKING:
    from canarypolicy.documents.signals import Value
    from canarypolicy.engine.decision import Decision
    from canarypolicy.engine.program import Program
    from canarypolicy.review.findings import Witness

_MOST_SAMPLES = 2_000
"""A test with more samples than this nobody reads."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """
    What a test is called, and the policy's file as seen from the test's own.
    """

    test: str
    policy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Course:
    """
    Samples at equal distances, and which of them is the rollout's start.
    """

    samples: tuple[RawSample, ...]
    start_us: int
    every_us: int


def policy_test_text(witness: Witness, program: Program, decision: Decision, named: Named) -> str | None:
    """
    Give the text of a PolicyTest that expects a policy's own decision on a witness; None where a series cannot say it.

    That is so where operators or gates have a part in it, or where the policy does not get into the step by itself.
    """
    scenario = scenario_lines(witness, program, decision)
    return None if scenario is None else "\n".join((*header_lines(named), *scenario)) + "\n"


def header_lines(named: Named) -> tuple[str, ...]:
    """
    Give the lines of a PolicyTest above its scenarios.
    """
    return (
        "apiVersion: canarypolicy/v1",
        "kind: PolicyTest",
        f"metadata: {{name: {named.test}}}",
        f"policy: {yaml_text(named.policy)}",
        "tests:",
    )


def scenario_lines(witness: Witness, program: Program, decision: Decision) -> tuple[str, ...] | None:
    """
    Give one scenario of a PolicyTest that expects a policy's own decision on a witness; None where a series cannot say it.
    """
    for course in _courses(witness, program, decision):
        if _decides(program, course, decision):
            return tuple(_lines(course, program, decision))
    return None


def _courses(witness: Witness, program: Program, decision: Decision) -> Iterator[_Course]:
    """
    Give the histories that may say it: the witness itself in the first step, else the way into its step and what it has there.
    """
    samples = tuple(item for item in witness.items if isinstance(item, RawSample))
    entries = [item for item in witness.items if isinstance(item, StepEvent)]
    distances = {later.at_us - earlier.at_us for earlier, later in pairwise(samples)} or {program.every_us}
    if len(samples) + len(entries) != len(witness.items) or not entries or len(distances) > 1:
        return
    every_us, entered_us = distances.pop(), entries[-1].at_us
    if entered_us < samples[0].at_us:
        return  # a rollout that starts in silence: a test's times count from its first sample
    if program.step_named(decision.step).index == 0:
        yield _Course(samples=samples, start_us=entered_us, every_us=every_us)
        return
    way = _way_to(program, decision.step, every_us)
    within = tuple(each for each in samples if each.at_us >= entered_us)
    if way is None or not within or within[0].at_us != entered_us:
        return
    # What stands at the entry belongs to the step before; said once more after it, it belongs to this one.
    for inside in (within[1:], within):
        first_us = inside[0].at_us - len(way) * every_us if inside else entered_us
        before = (replace(each, at_us=each.at_us + first_us) for each in way)
        yield _Course(samples=(*before, *inside), start_us=first_us, every_us=every_us)


def _way_to(program: Program, step: str, every_us: int) -> tuple[RawSample, ...] | None:
    """
    Give the healthy samples by which a policy enters a step, from time 0 up to its entry; None if it does not get there.
    """
    healthy = _healthy(program)
    samples = tuple(RawSample(at_us=index * every_us, signals=healthy) for index in range(_MOST_SAMPLES))
    for decision in replay(program, _recording(samples), follow=Follow.POLICY).decisions:
        if decision.step == step:
            return samples[: samples.index(RawSample(at_us=decision.at_us, signals=healthy))]
    return None


def _healthy(program: Program) -> dict[str, Value]:
    return {
        name: float(signal.healthy) if signal.type is SignalType.DOUBLE else signal.healthy
        for name, signal in program.signals.items()
    }


def _recording(samples: Sequence[RawSample]) -> Recording:
    return Recording(rollout="test", source="test", items=tuple(samples))


def _decides(program: Program, course: _Course, decision: Decision) -> bool:
    timeline = replay(program, _recording(course.samples), follow=Follow.POLICY, start_us=course.start_us)
    if not timeline.decisions or timeline.is_gated:
        return False
    last = timeline.decisions[-1]
    is_settled_then = len(timeline.decisions) < 2 or timeline.decisions[-2].verdict is not last.verdict
    is_same = (last.verdict, last.step, last.at_us) == (decision.verdict, decision.step, course.samples[-1].at_us)
    return is_same and (is_settled_then or last.verdict is Verdict.HOLD)


def _lines(course: _Course, program: Program, decision: Decision) -> Iterator[str]:
    first_us = course.samples[0].at_us
    yield f"  - name: {yaml_text(_sentence(decision))}"
    yield f"    every: {format_duration(course.every_us)}"
    yield f"    start: {format_duration(course.start_us - first_us)}"
    series = dict(_series(course.samples, _healthy(program)))
    yield "    series:" if series else "    series: {}"
    yield from (f"      {name}: {yaml_text(text)}" for name, text in series.items())
    at = format_duration(course.samples[-1].at_us - first_us)
    because = ", ".join(dict.fromkeys(reason.rule for reason in decision.reasons))
    yield "    expect:"
    yield f"      - {{at: {at}, decision: {decision.verdict.value}, because: [{because}]}}"


def _sentence(decision: Decision) -> str:
    return f"{decision.verdict.value} in {decision.step} after {format_duration(decision.elapsed_us)}"


def _series(samples: Sequence[RawSample], healthy: Mapping[str, Value]) -> Iterator[tuple[str, str]]:
    """
    Write each signal that is off its healthy value at some sample, and the length of the history in one at least.
    """
    columns: dict[str, list[Value | None]] = {name: [_value(each, name) for each in samples] for name in healthy}
    off = {name: values for name, values in columns.items() if any(value != healthy[name] for value in values)}
    for name, values in (off or dict([next(iter(columns.items()))])).items():
        yield name, series_text(values)


def _value(sample: RawSample, name: str) -> Value | None:
    value = sample.signals.get(name)
    return value if isinstance(value, (bool, int, float, str)) else None
