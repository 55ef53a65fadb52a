"""
Expectations held against what was decided: one function a form.

Sentences about failures live here and nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from canarypolicy.documents.duration import format_duration, format_instant
from canarypolicy.engine.decision import Decision, Verdict
from canarypolicy.history.replay import outcome_of
from canarypolicy.testing.result import Course, Failure, FailureKind, Judged
from canarypolicy.testing.values import value_text, wrong_values

if TYPE_CHECKING:
    from canarypolicy.documents.checked import Path
    from canarypolicy.documents.policytest import Expectation, Expected
    from canarypolicy.testing.checked import CheckedPolicyTest, CheckedScenario


def failures_of(test: CheckedPolicyTest, each: CheckedScenario, course: Course) -> tuple[Failure, ...]:
    """
    Give every expectation that is not met; an empty run fails as a whole.
    """
    if not course.judged:
        place = test.at((*each.path, "name"))
        actual = "none: no sample is judged, see `start`" if course.scene.items else "none: the history has no samples"
        return (Failure(kind=FailureKind.EMPTY_RUN, expected="decisions", actual=actual, span=place),)
    failures: list[Failure] = []
    for index, expectation in enumerate(each.scenario.expect):
        judging = Judging(test=test, course=course, path=(*each.path, "expect", index), expectation=expectation)
        failures += judging.failures()
    return tuple(failures)


class Judging:
    """
    One expectation, its place, and the course that it is held against.
    """

    __slots__ = ("course", "expectation", "path", "test")

    def __init__(self, *, test: CheckedPolicyTest, course: Course, path: Path, expectation: Expectation) -> None:
        self.test, self.course, self.path, self.expectation = test, course, path, expectation

    def failures(self) -> Iterator[Failure]:
        """
        Give what of the expectation is not met.
        """
        match self.expectation.form:
            case "at":
                return self._at()
            case "never":
                return self._never()
            case "always":
                return self._always()
            case "first":
                return self._first()
        return self._outcome()

    def time(self, at_us: int) -> str:
        """
        Write a time as the test counts it.
        """
        expectation, first_us = self.expectation, self.course.scene.first_us
        times = (expectation.at, expectation.after, expectation.before, *(expectation.between or ()))
        is_dated = any(time is not None and time.is_instant for time in times)
        return format_instant(at_us) if is_dated else format_duration(at_us - first_us)

    def fail(
        self, kind: FailureKind, key: str | tuple[str | int, ...], expected: str, actual: str, judged: Judged | None = None
    ) -> Failure:
        """
        Make a failure at a key, or a path, below the expectation.
        """
        below = (key,) if isinstance(key, str) else key
        return Failure(
            kind=kind,
            expected=expected,
            actual=actual,
            span=self.test.at((*self.path, *below)),
            decision=None if judged is None else judged.decision,
            values={} if judged is None else judged.seen(),
        )

    def _at(self) -> Iterator[Failure]:
        expectation, course = self.expectation, self.course
        assert expectation.at is not None  # the form
        at_us = expectation.at.since(course.scene.first_us)
        judged = next((each for each in reversed(course.judged) if each.decision.at_us == at_us), None)
        if judged is None:
            yield self.fail(FailureKind.NEVER_APPLIED, "at", f"a decision at {self.time(at_us)}", self._nearest(at_us))
            return
        decision = judged.decision
        if expectation.decision is not None and not _is(decision, expectation.decision):
            yield self.fail(FailureKind.WRONG_DECISION, "decision", expectation.decision.value, decision.verdict.value, judged)
        if expectation.step is not None and decision.step != expectation.step:
            yield self.fail(FailureKind.WRONG_STEP, "step", f"step {expectation.step}", f"step {decision.step}", judged)
        yield from self._reasons(judged)
        for index, name in enumerate(expectation.missing or ()):
            value = judged.seen().get(name)
            if value is not None:
                path = ("missing", index)
                yield self.fail(FailureKind.NOT_MISSING, path, f"no value of {name}", f"{name} = {value_text(value)}", judged)
        for key, expected, actual in wrong_values(expectation.values or {}, judged):
            yield self.fail(FailureKind.OTHER_VALUE, ("values", key), expected, actual, judged)

    def _nearest(self, at_us: int) -> str:
        times = sorted({each.decision.at_us for each in self.course.judged})
        before = [time for time in times if time < at_us][-1:]
        near = [*before, *[time for time in times if time > at_us][:1]]
        return f"none: samples are judged next to it at {' and '.join(self.time(time) for time in near)}"

    def _reasons(self, judged: Judged) -> Iterator[Failure]:
        given = [reason.rule for reason in judged.decision.reasons]
        names = ", ".join(dict.fromkeys(given))
        for index, name in enumerate(self.expectation.because or ()):
            if name not in given:
                actual = f"{judged.decision.verdict.value} because of {names}"
                yield self.fail(FailureKind.WRONG_REASON, ("because", index), f"the reason {name}", actual, judged)

    def _within(self) -> list[Judged]:
        """
        Give the decisions of the interval: `after` and `before` leave their own time out, `between` does not.
        """
        expectation, first_us = self.expectation, self.course.scene.first_us
        judged: Sequence[Judged] = self.course.judged
        if expectation.between is not None:
            low, high = (time.since(first_us) for time in expectation.between)
            return [each for each in judged if low <= each.decision.at_us <= high]
        if expectation.form == "first" and expectation.at is not None:
            at_us = expectation.at.since(first_us)
            return [each for each in judged if each.decision.at_us == at_us]
        if expectation.after is not None:
            after_us = expectation.after.since(first_us)
            judged = [each for each in judged if each.decision.at_us > after_us]
        if expectation.before is not None:
            before_us = expectation.before.since(first_us)
            judged = [each for each in judged if each.decision.at_us < before_us]
        return list(judged)

    def _interval(self) -> tuple[str, str]:
        """
        Give the key of the interval and its words.
        """
        expectation = self.expectation
        if expectation.between is not None:
            return "between", f"between {expectation.between[0]} and {expectation.between[1]}"
        if expectation.at is not None:
            return "at", f"at {expectation.at}"
        words = [f"{key} {getattr(expectation, key)}" for key in ("after", "before") if getattr(expectation, key) is not None]
        key = "after" if expectation.after is not None else "before" if expectation.before is not None else expectation.form
        return key, " and ".join(words)

    def _what(self, wanted: Expected) -> str:
        expectation = self.expectation
        step = "" if expectation.step is None else f" in step {expectation.step}"
        because = "" if expectation.because is None else f" because of {', '.join(expectation.because)}"
        return f"{wanted.value}{step}{because}"

    def _matches(self, judged: Judged, wanted: Expected) -> bool:
        decision, expectation = judged.decision, self.expectation
        if not _is(decision, wanted) or (expectation.step is not None and decision.step != expectation.step):
            return False
        given = {reason.rule for reason in decision.reasons}
        return all(name in given for name in expectation.because or ())

    def _unapplied(self) -> Failure:
        key, words = self._interval()
        last = self.course.judged[-1].decision.at_us
        first = self.course.judged[0].decision.at_us
        actual = f"none: samples are judged from {self.time(first)} to {self.time(last)}"
        return self.fail(FailureKind.NEVER_APPLIED, key, f"decisions {words}", actual)

    def _never(self) -> Iterator[Failure]:
        wanted, within = self.expectation.never, self._within()
        assert wanted is not None  # the form
        if not within:
            yield self._unapplied()
            return
        broken = next((each for each in within if self._matches(each, wanted)), None)
        if broken is not None:
            decision = broken.decision
            words = f"never {self._what(wanted)} {self._interval()[1]}".rstrip()
            actual = f"{decision.verdict.value} in step {decision.step} at {self.time(decision.at_us)}"
            yield self.fail(FailureKind.HAPPENED, "never", words, actual, broken)

    def _always(self) -> Iterator[Failure]:
        wanted, within = self.expectation.always, self._within()
        assert wanted is not None  # the form
        if not within:
            yield self._unapplied()
            return
        broken = next((each for each in within if not self._matches(each, wanted)), None)
        if broken is not None:
            decision = broken.decision
            words = f"always {self._what(wanted)} {self._interval()[1]}".rstrip()
            actual = f"{decision.verdict.value} in step {decision.step} at {self.time(decision.at_us)}"
            yield self.fail(FailureKind.DID_NOT_HAPPEN, "always", words, actual, broken)

    def _first(self) -> Iterator[Failure]:
        expectation, wanted = self.expectation, self.expectation.first
        assert wanted is not None  # the form
        key, words = self._interval()
        come = next(
            (
                each
                for each in self.course.judged
                if _is(each.decision, wanted) and expectation.step in (None, each.decision.step)
            ),
            None,
        )
        step = "" if expectation.step is None else f" in step {expectation.step}"
        expected = f"first {wanted.value}{step} {words}".rstrip()
        if come is None:
            last = self.course.judged[-1]
            yield self.fail(FailureKind.DID_NOT_HAPPEN, "first", expected, f"none up to {self.time(last.decision.at_us)}", last)
            return
        if come not in self._within():
            yield self.fail(FailureKind.WRONG_TIME, key, expected, f"it at {self.time(come.decision.at_us)}", come)
        yield from self._reasons(come)

    def _outcome(self) -> Iterator[Failure]:
        expected = self.expectation.outcome
        assert expected is not None  # the form
        actual = outcome_of(self.course.phase)
        if actual.value != expected.value:
            last = self.course.judged[-1]
            yield self.fail(FailureKind.WRONG_OUTCOME, "outcome", expected.value, actual.value, last)


def _is(decision: Decision, expected: Expected) -> bool:
    return decision.verdict is Verdict(expected.value)
