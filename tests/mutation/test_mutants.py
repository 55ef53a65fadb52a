"""
What slips are made: one case for each kind, with its place and its danger; and what is no mutant.
"""

import pytest
from canarypolicy.mutation.mutant import Danger, MutantKind

from driver import program_of
from mutation.policies import EVERYTHING, SMALL, mutants_of

LOSES, GAINS, STRICTER, REASONS = Danger.LOSES_ROLLBACK, Danger.GAINS_ADVANCE, Danger.STRICTER, Danger.REASONS_ONLY
SLO, HIGH, DARK, HOLD = "SLO `low`", "rollback rule `high`", "rollback rule `dark`", "hold rule `crashing`"
KINDS = [
    ("threshold", LOSES, f"{HIGH}: `0.02` became `0.020000000000000004` in `when`"),
    ("threshold", STRICTER, f"{HIGH}: `0.02` became `0.018` in `when`"),
    ("threshold", LOSES, f"{HIGH}: `0.02` became `0.2` in `when`"),
    ("threshold", LOSES, f"{HIGH}: `0.02` became `2.0` in `when`"),
    ("threshold", STRICTER, f"{HIGH}: `0.02` became `0.019999999999999997` in `when`"),
    ("threshold", LOSES, f"{DARK}: `3` became `4` in `when`"),
    ("threshold", LOSES, f"{HIGH}: `0.02` became `0.002` in `unless`"),
    ("comparison", LOSES, f"{HIGH}: `>=` became `>` in `when`"),
    ("comparison", GAINS, f"{SLO}: `<` became `<=` in `require`"),
    ("connective", GAINS, f"{SLO}: `&&` became `||` in `require`"),
    ("connective", GAINS, f"{SLO}: only `canary.errors < 0.01` is left of `canary.errors < 0.01 && errors.mean <= errors.before * 1.2 + 0.1` in `require`"),
    ("connective", GAINS, f"{HOLD}: only `canary.crashes > 0` is left of `canary.crashes > 0 || incident.data` in `when`"),
    ("track", LOSES, f"{HIGH}: `canary.errors` became `baseline.errors` in `when`"),
    ("track", LOSES, "derived signal `errors.before`: `of` was `baseline.errors`, is `canary.errors`"),
    ("signal", LOSES, f"{DARK}: `canary.restarts` became `canary.crashes` in `when`"),
    ("for", STRICTER, f"{HIGH}: `for` was `4m`, is `2m`"),
    ("for", LOSES, f"{HIGH}: `for` was `4m`, is `8m`"),
    ("for", STRICTER, f"{HIGH}: `for` was `4m`, is gone"),
    ("for", GAINS, f"{SLO}: `for` was `4m`, is gone"),
    ("for", GAINS, f"{HOLD}: `for` is `4m`, there was none"),
    ("for", LOSES, f"{DARK}: `for` was `2 of 3 samples`, is `3 of 3 samples`"),
    ("rule-dropped", LOSES, f"{HIGH} is gone"),
    ("rule-dropped", GAINS, "SLO `sound` is gone"),
    ("rule-dropped", GAINS, f"{HOLD} is gone"),
    ("steps", LOSES, f"{HIGH}: `steps` is `[full]`, there was none"),
    ("steps", STRICTER, "SLO `sound`: `steps` was `[full]`, is gone"),
    ("missing", GAINS, f"{HIGH}: `missing` was `hold`, is `ignore`"),
    ("missing", STRICTER, f"{HIGH}: `missing` was `hold`, is `rollback after 4m`"),
    ("missing", LOSES, f"{DARK}: `missing` was `rollback after 6m`, is `hold`"),
    ("missing", LOSES, f"{DARK}: `missing` was `rollback after 6m`, is `rollback after 12m`"),
    ("unless-dropped", STRICTER, f"{HIGH}: `unless` was `baseline.errors >= 0.02`, is gone"),
    ("min", GAINS, "step `canary-10`: `min` was `10m`, is `9m`"),
    ("min", GAINS, "step `canary-10`: `min` was `10m`, is `0s`"),
    ("min", STRICTER, "step `canary-10`: `min` was `10m`, is `20m`"),
    ("max", LOSES, "step `canary-10`: `max` was `20m`, is `40m`"),
    ("max", REASONS, "step `full`: `max` was `30m`, is gone"),
    ("on-timeout", LOSES, "step `canary-10`: `on_timeout` was `rollback`, is `hold`"),
    ("approval-dropped", GAINS, "step `canary-10`: `approval` was `required`, is gone"),
    ("gate-dropped", GAINS, "gate `ready` is gone"),
    ("threshold", GAINS, "gate `ready`: `0` became `1` in `require`"),
    ("on-fail", LOSES, "gate `smoke`: `on_fail` was `rollback`, is `hold`"),
    ("window", LOSES, "derived signal `errors.mean`: `over` was `10m`, is `5m`"),
    ("window", LOSES, "derived signal `errors.before`: `at` was `full`, is `start`"),
    ("window", LOSES, "derived signal `errors.mean`: `within_step` was `false`, is `true`"),
    ("max-gap", GAINS, "plan: `max_gap` was `3m`, is `6m`"),
]  # fmt: skip


@pytest.fixture(scope="module")
def found():
    return mutants_of(EVERYTHING)


@pytest.mark.parametrize(("kind", "danger", "sentence"), KINDS, ids=[sentence for _, _, sentence in KINDS])
def test_each_kind_of_slip_is_made(found, kind, danger, sentence):
    assert (found[sentence].kind.value, found[sentence].danger) == (kind, danger)


def test_a_forgotten_negation_that_makes_healthy_values_unhealthy_is_no_mutant(found):
    """`validate` refuses it, so no test has to."""
    assert not any(each.kind is MutantKind.NEGATION for each in found.values())
    text = SMALL.replace("canary.errors < 0.01", "'!(canary.errors >= 0.01) || canary.errors == 0.002'")
    assert "SLO `low`: only `canary.errors >= 0.01` is left of `!(canary.errors >= 0.01)` in `require`" in mutants_of(text)


def test_every_kind_has_a_case(found):
    assert {kind for kind, _, _ in KINDS} == {each.value for each in MutantKind} - {"negation"}


def test_a_mutant_has_the_place_of_what_changed(found):
    place = found[f"{HIGH}: `0.02` became `0.2` in `when`"].place
    assert (place.line, place.text) == (18, "0.02")
    assert found[f"{HIGH} is gone"].place.text.startswith("{name: high")


def test_what_validate_refuses_is_no_mutant(found):
    """The last SLO of a step, a gate that the checklist names, `max` below `min`, a rollback where all is well."""
    for sentence in (
        "SLO `low` is gone",
        "gate `smoke` is gone",
        "step `canary-10`: `max` was `20m`, is `0s`",
        f"{HIGH}: `>=` became `<` in `when`",
        "plan: `max_gap` was `3m`, is `30s`",
    ):
        assert sentence not in found


def test_slips_that_say_the_same_are_one(found):
    """In two steps, all but one is only the other."""
    steps = [each for each in found.values() if each.kind is MutantKind.STEPS and "high" in each.sentence]
    assert len(steps) == 2


def test_a_dropped_rule_leaves_the_places_of_the_others_right():
    checked = mutants_of(EVERYTHING)[f"{HIGH} is gone"].checked
    assert checked.places["rollback", 0].text.startswith("{name: dark")
    assert checked.expressions["rollback", 0, "when"].text == "canary.restarts > 3"
    assert ("rollback", 1) not in checked.places


def test_a_changed_expression_keeps_the_place_of_each_character():
    checked = mutants_of(EVERYTHING)[f"{HIGH}: `0.02` became `0.020000000000000004` in `when`"].checked
    expression = checked.expressions["rollback", 0, "when"]
    assert expression.text == "canary.errors >= 0.020000000000000004"
    assert expression.place.place(0, 13).text == "canary.errors"


def test_the_policy_itself_is_left_alone():
    program = program_of(SMALL)
    before = program.checked.policy.model_dump_json()
    mutants_of(SMALL)
    assert program.checked.policy.model_dump_json() == before
