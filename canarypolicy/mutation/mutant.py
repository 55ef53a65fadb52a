"""
A mutant: a policy with one slip in it, as a person may make it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Hashable

    from canarypolicy.documents.checked import CheckedPolicy, Path
    from canarypolicy.documents.span import Span

Says: TypeAlias = tuple["Path", str, "Hashable"]
"""Where a mutant differs, in what, and what it says there; two slips that say the same are one mutant."""


EXPRESSION = "expression"
"""In what a mutant differs whose expression is another one: it says so by its text."""


class MutantKind(Enum):
    """
    The kinds of slips; kebab-case, stable for ever.
    """

    THRESHOLD = "threshold"
    """A number: the next double or int, 10 % off, a digit too many or too few, percent for a ratio."""
    COMPARISON = "comparison"
    """`<` for `<=`, or the wrong way round."""
    CONNECTIVE = "connective"
    """`&&` for `||`, or one side of it forgotten."""
    NEGATION = "negation"
    """A `!` forgotten."""
    TRACK = "track"
    """The signal of the other track: `baseline.x` for `canary.x`."""
    SIGNAL = "signal"
    """The next signal of the same track, type and unit, as when a line was copied."""
    FOR = "for"
    """A `for` halved, doubled, forgotten or copied from another rule; one sample more or fewer of k of n."""
    RULE_DROPPED = "rule-dropped"
    STEPS = "steps"
    """A rule that acts in fewer steps, or in all."""
    MISSING = "missing"
    """Another `missing`, or another `after`."""
    UNLESS_DROPPED = "unless-dropped"
    MIN = "min"
    """A step's `min`: one sample more or less, halved, doubled, none."""
    MAX = "max"
    """A step's `max`: one sample more or less, halved, doubled, none."""
    ON_TIMEOUT = "on-timeout"
    APPROVAL_DROPPED = "approval-dropped"
    GATE_DROPPED = "gate-dropped"
    ON_FAIL = "on-fail"
    WINDOW = "window"
    """A derived signal: its window halved or doubled, frozen at another step, and what else its parameters say."""
    MAX_GAP = "max-gap"
    """The longest silence that counts as watching, halved or doubled."""


class Danger(Enum):
    """
    The worst that a mutant does, most dangerous first.
    """

    LOSES_ROLLBACK = "loses-rollback"
    GAINS_ADVANCE = "gains-advance"
    """A hold that is lost."""
    STRICTER = "stricter"
    """It holds or rolls back where the policy does not."""
    REASONS_ONLY = "reasons-only"
    """It decides alike, for other reasons."""

    @property
    def rank(self) -> int:
        """
        The place in the order of danger, 0 the worst.
        """
        return list(Danger).index(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """
    A changed policy that is a valid one, and what was changed.
    """

    kind: MutantKind
    sentence: str
    """Such as ``rollback rule `errors`: `for` was `5m`, is `10m` ``."""
    place: Span
    """Where in the policy's file the changed text stands."""
    danger: Danger
    """What the change looks like; for a survivor the solver may know better."""
    says: Says
    checked: CheckedPolicy
    """The changed policy. Its text, its places and its digest are those of the original."""
