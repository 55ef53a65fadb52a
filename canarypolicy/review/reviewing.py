"""
The review of one policy: asks each module of this room what it knows, and puts the answers side by side.

Nothing is found out here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from canarypolicy.engine.program import build
from canarypolicy.errors import Unavailable
from canarypolicy.review.edits import edits
from canarypolicy.review.findings import PolicyReview
from canarypolicy.review.headroom import headroom
from canarypolicy.review.matching import match_steps
from canarypolicy.review.on_recordings import on_recordings
from canarypolicy.review.plan_changes import plan_changes
from canarypolicy.review.proving import Proved, prove
from canarypolicy.review.remarks import remarks
from canarypolicy.review.replaying import Pair
from canarypolicy.review.searched import search
from canarypolicy.review.solver import require_solver

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from canarypolicy.documents.checked import CheckedPolicy
    from canarypolicy.history.recording import Recording
    from canarypolicy.review.findings import Edit


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

    Without z3 a change is searched and not proved, and the review says so. Where the proof does not read a policy as the
    engine does, this is `Unsupported`: then nothing is said at all.
    """
    if old is not None and new is not None:
        return _of_pair(old, new, options)
    present = new or old
    if present is None:
        raise ValueError("a review needs a policy")
    lacking = None if new is None else _lacking()
    return PolicyReview(
        name=present.policy.metadata.name,
        old_path=None if old is None else old.source.path,
        new_path=None if new is None else new.source.path,
        place=present.places["metadata", "name"],
        remarks=() if new is None or lacking else remarks(build(new)),
        not_proved=lacking,
    )


def _of_pair(old: CheckedPolicy, new: CheckedPolicy, options: ReviewOptions) -> PolicyReview:
    steps = match_steps(old, new)
    changes = edits(old, new)
    pair = Pair(old=build(old), new=build(new), old_names={after: before for before, after in steps.renamed.items()})
    lacking = _lacking()
    searches = lacking is not None
    proved = _searched(pair, steps.common, changes) if searches else prove(pair, steps.common, changes)
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
        remarks=() if searches else remarks(pair.new),
        headroom=headroom(pair.new, options.recordings) if options.has_headroom else (),
        recordings=on_recordings(pair.old, pair.new, options.recordings) if options.recordings else None,
        not_proved=lacking,
        queries=proved.queries,
    )


def _searched(pair: Pair, steps: Mapping[str, str], changes: Sequence[Edit]) -> Proved:
    return Proved(transitions=search(pair, steps, changes), queries=0)


def _lacking() -> str | None:
    """
    Say why nothing can be proved; None if it can.
    """
    try:
        require_solver()
    except Unavailable:
        return "the library `z3-solver` is not installed; `pip install 'canarypolicy[prove]'` gets it"
    return None
