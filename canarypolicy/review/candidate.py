"""
Candidates: what a solver, or a search, proposes as a witness. Nothing here has been replayed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from canarypolicy.documents.signals import Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """
    A moment at which two policies may decide differently, and for how long its values have stood.
    """

    step: str
    """In the new policy's words."""
    values: Mapping[str, Value | None]
    """Measured and derived signals at the last sample; None is missing, and what is not here is healthy."""
    before: Mapping[str, Value | None] | None = None
    """What stood before the last sample, if that is another snapshot."""
    lasted_us: int = 0
    """For how long `before` or, without it, `values` have stood."""
    elapsed_us: int = 0
    """Since the step's entry."""
    total_us: int | None = None
    """Since the rollout's start; None: as long as in the step."""
    is_paused: bool = False
    is_frozen: bool = False
    is_approved: bool = False
    gates: Mapping[str, bool | None] = field(default_factory=dict)
    """Gate -> whether it passed; None is a result that is not known. Without any, the history has no gates."""
    has_margin: bool = True
    """Whether each computed comparison is clear of its limit by more than rounding."""
