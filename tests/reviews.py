"""
Reviews made by hand for the reports: every certainty, both directions, recordings, limits and remarks.
"""

from __future__ import annotations

from canarypolicy.documents.span import SourceText
from canarypolicy.engine.decision import ReasonKind, ReasonState, Verdict
from canarypolicy.engine.event import StepEvent
from canarypolicy.engine.sample import RawSample
from canarypolicy.reports.result import Review
from canarypolicy.review.findings import (
    Certainty,
    Changed,
    Direction,
    Edit,
    Headroom,
    OnRecordings,
    PlanChange,
    PolicyReview,
    Remark,
    Transition,
    Witness,
)
from canarypolicy.review.standing import DANGER, FailOn
from canarypolicy.review.witness_files import witness_files

from results import MINUTE_US, START_US, decision, reason

ADVANCE, HOLD, ROLLBACK = Verdict.ADVANCE, Verdict.HOLD, Verdict.ROLLBACK
OLD = SourceText(
    path="old.yaml", text="metadata: {name: shop}\nrollback:\n  - {name: errors, when: x >= 0.02}\n  - {name: slow}\n"
)
NEW = SourceText(path="new.yaml", text="metadata: {name: shop}\nrollback:\n  - {name: errors, when: x >= 0.03}\n")


def place(source, words):
    start = source.text.index(words)
    return source.span(start, start + len(words))


LIMIT = Edit(
    sentence="rollback rule `errors`: `when` was `x >= 0.02`, is `x >= 0.03`",
    old=place(OLD, "x >= 0.02"),
    new=place(NEW, "x >= 0.03"),
)
GONE = Edit(sentence="rollback rule `slow` was removed", old=place(OLD, "{name: slow}"), new=None)


def witness(**more):
    """5 minutes of 2.5 % errors in the second step."""
    fires = reason("errors", ReasonKind.ROLLBACK, ReasonState.FIRES, values={"x": 0.025})
    waits = reason("min-duration", ReasonKind.PLAN, ReasonState.WAITING, values={})
    samples = tuple(RawSample(at_us=START_US + minute * MINUTE_US, signals={"x": 0.025}) for minute in range(6))
    known = {
        "step": "canary-50",
        "items": (StepEvent(at_us=START_US, step="canary-50", weight=50.0), *samples),
        "old": decision(ROLLBACK, 5, step="canary-50", reasons=(fires,)),
        "new": decision(HOLD, 5, step="canary-50", reasons=(waits,)),
        "off_healthy": {"x": 0.025, "y": None},
        "lasted_us": 5 * MINUTE_US,
    }
    return Witness(**{**known, **more})


def matrix(*steps, **known):
    """The six questions of each step: proved, but for those named like `rollback_hold`."""
    return tuple(
        known.get(f"{old.value}_{new.value}", lambda **asked: Transition(certainty=Certainty.PROVED, **asked))(
            step=step, old=old, new=new
        )
        for step in steps
        for old, new in DANGER
    )


def shown(*blamed, **more):
    return lambda **asked: Transition(certainty=Certainty.WITNESS, witness=witness(**more), blamed=blamed, **asked)


def known_as(certainty, why=""):
    return lambda **asked: Transition(certainty=certainty, why=why, **asked)


def policy_review(**more):
    known = {"name": "shop", "old_path": "old.yaml", "new_path": "new.yaml", "place": place(NEW, "shop"), "edits": (LIMIT, GONE)}
    return PolicyReview(**{**known, **more})


def full_policy_review():
    """One of everything."""
    return policy_review(
        transitions=matrix(
            "canary-10",
            "canary-50",
            rollback_hold=shown(LIMIT),
            hold_advance=shown(GONE, off_healthy={}, lasted_us=0),
            advance_hold=known_as(Certainty.ROUNDING_ONLY),
            rollback_advance=known_as(Certainty.UNKNOWN, "depends on `x.matches(y)`"),
            advance_rollback=known_as(Certainty.NOT_WITHIN_K, "45 samples were tried"),
        ),
        added_steps=("canary-75",),
        removed_steps=("canary-25",),
        plan_changes=(
            PlanChange(
                name="traffic-sooner",
                sentence="100 % of the traffic can be on the canary after 10m, in step `full`; it was after 20m",
                place=place(NEW, "rollback:"),
                direction=Direction.LOOSER,
            ),
        ),
        remarks=(
            Remark(
                name="invariant-broken",
                sentence="invariant `errors-roll-back` does not hold",
                place=place(NEW, "{name: errors, when: x >= 0.03}"),
                certainty=Certainty.WITNESS,
                witness=witness(step="canary-10"),
                is_fault=True,
            ),
            Remark(
                name="dead-rule",
                sentence="rollback rule `errors` never fires",
                place=place(NEW, "x >= 0.03"),
                certainty=Certainty.UNKNOWN,
                why="the budget ran out",
            ),
        ),
        recordings=OnRecordings(
            changed=(
                Changed(
                    rollout="incident-0312",
                    source="recordings/incident-0312.jsonl",
                    old_outcome="rolled-back",
                    new_outcome="complete",
                    first_difference_us=START_US,
                    old_rules=("errors",),
                    new_rules=(),
                    exposure_us=12 * MINUTE_US,
                    counterfactual_from_us=START_US + MINUTE_US,
                ),
                Changed(
                    rollout="slow-friday",
                    source="recordings/slow-friday.jsonl",
                    old_outcome="complete",
                    new_outcome="complete",
                    first_difference_us=None,
                    old_rules=(),
                    new_rules=(),
                    exposure_us=-MINUTE_US,
                    counterfactual_from_us=None,
                ),
            ),
            same={"complete": 8, "rolled-back": 3},
        ),
        headroom=(
            Headroom(
                place=place(NEW, "0.03"),
                rule="errors",
                limit=0.03,
                low=0.012,
                high=None,
                below="`slow-friday` would be rolled-back",
                above="",
            ),
        ),
        queries=31,
    )


def review(*policies, fail_on=FailOn.LOOSER, witness_dir=None, **more):
    files = () if witness_dir is None else witness_files(policies)
    return Review(policies=policies, fail_on=fail_on, witness_dir=witness_dir, witnesses=files, **more)
