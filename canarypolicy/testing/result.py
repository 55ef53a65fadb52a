"""
What came of a scenario: its decisions, and each expectation that was not met.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from canarypolicy.documents.signals import Value
    from canarypolicy.documents.span import Span
    from canarypolicy.engine.decision import Decision
    from canarypolicy.engine.observation import Observation
    from canarypolicy.engine.rollout import GateState, Phase
    from canarypolicy.testing.checked import CheckedScenario
    from canarypolicy.testing.scenes import Scene


class FailureKind(Enum):
    """
    In what an expectation can fail; kebab-case, stable for ever.
    """

    WRONG_DECISION = "wrong-decision"
    WRONG_STEP = "wrong-step"
    WRONG_REASON = "wrong-reason"
    OTHER_VALUE = "other-value"
    NOT_MISSING = "not-missing"
    HAPPENED = "happened"
    """What never should."""
    DID_NOT_HAPPEN = "did-not-happen"
    """A first decision that never came."""
    WRONG_TIME = "wrong-time"
    """A first decision outside of its interval."""
    WRONG_OUTCOME = "wrong-outcome"
    NEVER_APPLIED = "never-applied"
    """No sample is judged at its time, or in its interval."""
    EMPTY_RUN = "empty-run"
    """No sample of the scenario is judged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """
    One expectation that was not met.
    """

    kind: FailureKind
    expected: str
    actual: str
    span: Span
    """The part of the expectation that is wrong."""
    decision: Decision | None = None
    """What was decided instead."""
    values: Mapping[str, Value] = field(default_factory=dict)
    """What the rules saw at that decision."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """
    A decision of a scenario, and what it was made from.
    """

    decision: Decision
    look: Callable[[], Observation | None]
    """Gives what it was made from: nothing where an event alone settled it, and after the rollout's end."""
    measured: Mapping[str, Value]
    """The measured signals of the sample."""
    is_restated: bool
    """Whether it is the final decision given again."""

    def seen(self) -> Mapping[str, Value]:
        """
        Give what the rules saw: measured signals alone once the rollout has ended.
        """
        observation = self.look()
        return self.measured if observation is None else observation.values


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """
    A scenario's history and all that was decided on it.
    """

    scene: Scene
    judged: tuple[Judged, ...]
    phase: Phase
    """Where the rollout was at the end."""
    gates: frozenset[tuple[str, GateState]]
    """What was known of each gate at any time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioResult:
    """
    A scenario that was run.
    """

    scenario: CheckedScenario
    course: Course
    """With `is_whole` false, its decisions name only reasons that were asked about."""
    failures: tuple[Failure, ...]
    is_whole: bool
    """Whether every rule of the policy was judged, and not only those that this scenario can move."""

    @property
    def name(self) -> str:
        return self.scenario.name

    @property
    def has_passed(self) -> bool:
        return not self.failures
