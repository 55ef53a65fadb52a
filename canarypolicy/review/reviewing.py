"""
The review of one policy: asks each module of this room what it knows, and puts the answers side by side.

Nothing is found out here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from canarypolicy.engine.program import build
from canarypolicy.review.edits import edits
from canarypolicy.review.findings import PolicyReview
from canarypolicy.review.headroom import headroom
from canarypolicy.review.matching import match_steps
from canarypolicy.review.on_recordings import on_recordings
from canarypolicy.review.plan_changes import plan_changes
from canarypolicy.review.proving import prove
from canarypolicy.review.replaying import Pair

if TYPE_CHECKING:
    from canarypolicy.documents.checked import CheckedPolicy
    from canarypolicy.history.recording import Recording


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewOptions:
    """
    What a review is asked for beside the proofs.
    """

    recordings: tuple[Recording, ...] = ()
    has_headroom: bool = False
    """Whether each limit is held against the recordings."""


def review(old: CheckedPolicy | None, new: CheckedPolicy | None, options: ReviewOptions) -> PolicyReview:
    """
    Review what becomes of a policy; None: it was not there, or is there no longer. Without either it is a `ValueError`.
    """
    if old is not None and new is not None:
        return _of_pair(old, new, options)
    present = new or old
    if present is None:
        raise ValueError("a review needs a policy")
    return PolicyReview(
        name=present.policy.metadata.name,
        old_path=None if old is None else old.source.path,
        new_path=None if new is None else new.source.path,
        place=present.places["metadata", "name"],
    )


def _of_pair(old: CheckedPolicy, new: CheckedPolicy, options: ReviewOptions) -> PolicyReview:
    steps = match_steps(old, new)
    changes = edits(old, new)
    pair = Pair(old=build(old), new=build(new), old_names={after: before for before, after in steps.renamed.items()})
    proved = prove(pair, dict(steps.common), changes)
    return PolicyReview(
        name=new.policy.metadata.name,
        old_path=old.source.path,
        new_path=new.source.path,
        place=new.places["metadata", "name"],
        edits=changes,
        plan_changes=plan_changes(old, new),
        added_steps=steps.added,
        removed_steps=steps.removed,
        renamed_steps=steps.renamed,
        transitions=proved.transitions,
        headroom=headroom(pair.new, options.recordings) if options.has_headroom else (),
        recordings=on_recordings(pair.old, pair.new, options.recordings) if options.recordings else None,
        queries=proved.queries,
    )
