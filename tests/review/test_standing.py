"""
What transitions come to, and what each `--fail-on` refuses.
"""

import pytest
from canarypolicy.engine.decision import Verdict
from canarypolicy.review.findings import Certainty, Changed, Direction, OnRecordings, PlanChange
from canarypolicy.review.standing import FailOn, Standing, refusals, standing, standing_of

from reviews import LIMIT, NEW, full_policy_review, known_as, matrix, place, policy_review, shown

OPEN = known_as(Certainty.UNKNOWN, "the budget ran out")
LONG = known_as(Certainty.NOT_WITHIN_K)
ROUND = known_as(Certainty.ROUNDING_ONLY)
PROVED = matrix("full")


def plan_change(direction):
    return PlanChange(name="gate-removed", sentence="gate `ready` is gone", place=place(NEW, "shop"), direction=direction)


@pytest.mark.parametrize(
    ("transitions", "overall", "of_rollbacks", "of_advances"),
    [
        pytest.param({}, "equivalent", "equivalent", "equivalent", id="all proved"),
        pytest.param({"rollback_hold": shown()}, "looser", "looser", "equivalent", id="a rollback is lost"),
        pytest.param({"hold_advance": shown()}, "looser", "equivalent", "looser", id="an advance is new"),
        pytest.param({"rollback_advance": shown()}, "looser", "looser", "looser", id="a rollback becomes an advance"),
        pytest.param({"hold_rollback": shown()}, "stricter", "stricter", "equivalent", id="a rollback is new"),
        pytest.param({"advance_hold": shown()}, "stricter", "equivalent", "stricter", id="an advance is lost"),
        pytest.param(
            {"advance_hold": shown(), "rollback_hold": shown()}, "incomparable", "looser", "stricter", id="one lost, one new"
        ),
        pytest.param({"rollback_hold": OPEN}, "unknown", "unknown", "equivalent", id="unknown is not fine"),
        pytest.param({"hold_advance": LONG}, "unknown", "equivalent", "unknown", id="long histories are not fine"),
        pytest.param({"hold_advance": OPEN, "advance_hold": shown()}, "stricter", "equivalent", "stricter", id="shown and open"),
        pytest.param({"hold_advance": ROUND}, "equivalent", "equivalent", "equivalent", id="rounding"),
    ],
)
def test_standings(transitions, overall, of_rollbacks, of_advances):
    found = matrix("canary-10", "full", **transitions)
    assert standing(found) is Standing(overall)
    assert standing(found, Verdict.ROLLBACK) is Standing(of_rollbacks)
    assert standing(found, Verdict.ADVANCE) is Standing(of_advances)


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        pytest.param({"transitions": ()}, "unknown", id="edits of which nobody asked"),
        pytest.param({"transitions": (), "edits": ()}, "equivalent", id="no edit and no question"),
        pytest.param(
            {"transitions": PROVED, "plan_changes": (plan_change(Direction.LOOSER),)}, "looser", id="the plan is looser"
        ),
        pytest.param(
            {"transitions": matrix("full", hold_rollback=shown()), "plan_changes": (plan_change(Direction.LOOSER),)},
            "incomparable",
            id="the plan is looser and the rules are stricter",
        ),
        pytest.param(
            {"transitions": matrix("full", rollback_hold=shown()), "plan_changes": (plan_change(Direction.LOOSER),)},
            "looser",
            id="both are looser",
        ),
        pytest.param(
            {"transitions": PROVED, "plan_changes": (plan_change(Direction.STRICTER),)}, "stricter", id="the plan is stricter"
        ),
        pytest.param(
            {"transitions": matrix("full", hold_advance=OPEN), "plan_changes": (plan_change(Direction.STRICTER),)},
            "unknown",
            id="unknown stays unknown",
        ),
    ],
)
def test_the_plan_counts(known, expected):
    assert standing_of(policy_review(**known)) is Standing(expected)


def on_recordings(old, new):
    changed = Changed(
        rollout="r", source="r.csv", old_outcome=old, new_outcome=new, first_difference_us=0,
        old_rules=(), new_rules=(), exposure_us=0, counterfactual_from_us=None,
    )  # fmt: skip
    return {"transitions": PROVED, "recordings": OnRecordings(changed=(changed,))}


@pytest.mark.parametrize(
    ("known", "refused_by"),
    [
        pytest.param({"transitions": PROVED}, set(), id="proved equivalent"),
        pytest.param({"transitions": matrix("full", rollback_hold=shown())}, {"looser", "any"}, id="a rollback is lost"),
        pytest.param({"transitions": matrix("full", hold_advance=shown())}, {"looser", "any"}, id="an advance is new"),
        pytest.param({"transitions": matrix("full", hold_rollback=shown())}, {"any"}, id="a rollback is new"),
        pytest.param({"transitions": matrix("full", rollback_hold=OPEN)}, {"looser", "any", "unknown"}, id="perhaps looser"),
        pytest.param({"transitions": matrix("full", rollback_hold=LONG)}, {"looser", "any", "unknown"}, id="looser if long"),
        pytest.param({"transitions": matrix("full", hold_rollback=OPEN)}, {"any", "unknown"}, id="perhaps stricter"),
        pytest.param({"transitions": matrix("full", rollback_hold=ROUND)}, {"any"}, id="within rounding"),
        pytest.param({"transitions": ()}, {"looser", "any", "unknown"}, id="nobody asked"),
        pytest.param({"transitions": (), "edits": ()}, set(), id="no edit"),
        pytest.param({"new_path": None, "edits": ()}, {"looser", "any"}, id="policy removed"),
        pytest.param({"old_path": None, "edits": ()}, {"any"}, id="policy added"),
        pytest.param({"transitions": PROVED, "removed_steps": ("a",)}, {"looser", "any"}, id="step removed"),
        pytest.param({"transitions": PROVED, "added_steps": ("a",)}, {"any"}, id="step added"),
        pytest.param(
            {"transitions": PROVED, "plan_changes": (plan_change(Direction.LOOSER),)}, {"looser", "any"}, id="plan looser"
        ),
        pytest.param({"transitions": PROVED, "plan_changes": (plan_change(Direction.STRICTER),)}, {"any"}, id="plan stricter"),
        pytest.param(on_recordings("rolled-back", "complete"), {"looser", "any"}, id="a recorded rollback is lost"),
        pytest.param(on_recordings("complete", "rolled-back"), {"any"}, id="a recorded rollback is new"),
        pytest.param(on_recordings("holding", "holding"), {"any"}, id="a recorded rollout at another time"),
        pytest.param({"transitions": PROVED, "remarks": full_policy_review().remarks[:1]}, set(), id="a fault"),
        pytest.param({"transitions": PROVED, "remarks": full_policy_review().remarks[1:]}, {"unknown"}, id="an open remark"),
    ],
)
def test_what_is_refused(known, refused_by):
    """Unknown never counts as fine, and `never` refuses nothing."""
    found = policy_review(**known)
    assert {fail_on.value for fail_on in FailOn if refusals(found, fail_on)} == refused_by


def test_refusals_name_all_steps_of_a_transition_at_once():
    found = policy_review(transitions=matrix("canary-10", "full", rollback_hold=shown(LIMIT), hold_advance=OPEN))
    assert refusals(found, FailOn.LOOSER) == (
        "rollback becomes hold in `canary-10` and `full`",
        "hold becomes advance in `canary-10` and `full`: it is not known",
    )
