"""
What the reports are given of an evaluation: the decision, and what its rules saw.

Apart from the other results, so that one decision needs none of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from canarypolicy.cel.explain import Step
    from canarypolicy.engine.decision import Decision
    from canarypolicy.engine.program import Program
    from canarypolicy.history.decision_record import PolicyMark


def lacks_gates(program: Program, *, is_gated: bool) -> bool:
    """
    Tell whether a policy has gates of which the history says nothing.
    """
    return not is_gated and bool(program.before_gates or program.after_gates)


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """
    A rule's expression and the value of each of its parts.
    """

    rule: str
    kind: str
    key: str
    """Which of the rule's expressions: `require`, `when` or `unless`."""
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """
    The decision at one sample.
    """

    decision: Decision
    decided_us: int
    """When it was decided, which may be an earlier sample if the decision is final."""
    policy: PolicyMark
    lacks_gates: bool = False
    """Whether the policy has gates and the history says nothing of any."""
    explanations: tuple[Explanation, ...] = ()
