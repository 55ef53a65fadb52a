"""
Survivors: proved equivalent, or with the test that is missing; and what is said without a solver.
"""

from pathlib import Path

import pytest
from canarypolicy.errors import Unavailable
from canarypolicy.mutation import proofs
from canarypolicy.mutation.killing import cases_of
from canarypolicy.mutation.missing_tests import file_text
from canarypolicy.mutation.mutant import Danger
from canarypolicy.mutation.mutating import mutate
from canarypolicy.mutation.result import Knowledge
from canarypolicy.review.policy_test import Named

from driver import program_of
from mutation.policies import SMALL, WEAK, test_of


@pytest.fixture(scope="module")
def weak():
    pytest.importorskip("z3")
    return mutate(program_of(SMALL), [test_of(WEAK)])


def test_survivors_come_most_dangerous_first(weak):
    ranks = [(each.danger.rank, each.knowledge is not Knowledge.SHOWN) for each in weak.survivors]
    assert ranks == sorted(ranks)
    assert weak.survivors[0].danger is Danger.LOSES_ROLLBACK


def test_the_missing_tests_kill_what_they_are_offered_for(weak):
    """Pasted as a file of their own, they pass with the policy and leave no survivor that had one."""
    text = file_text(weak.missing_tests, Named(test="missing", policy="policy.yaml"))
    program = program_of(SMALL)
    tests = [test_of(WEAK), test_of(text)]
    again = mutate(program, tests)
    offered = {each.mutant.sentence for each in weak.survivors if each.test is not None}
    assert offered
    assert offered & {each.mutant.sentence for each in again.survivors} == set()
    assert len(cases_of(tests)) == 1 + len(weak.missing_tests)


def test_what_is_proved_to_decide_alike_is_not_counted(weak):
    """A step past its `max` only says so while an SLO holds it anyway, and without errors' rate the SLO holds, too."""
    sentences = {each.sentence for each in weak.equivalent}
    assert {"step `full`: `max` was `10m`, is `9m`", "rollback rule `high`: `missing` was `hold`, is `ignore`"} <= sentences
    assert weak.count == len(weak.killed) + len(weak.survivors)
    assert sentences & {each.mutant.sentence for each in weak.survivors} == set()


def test_one_test_may_serve_several_survivors(weak):
    assert len(weak.missing_tests) < sum(each.test is not None for each in weak.survivors)


def test_without_a_solver_nothing_is_proved_and_all_are_counted(monkeypatch):
    def lacking():
        raise Unavailable("nothing can be proved: the library `z3-solver` is not installed", help="pip install it")

    monkeypatch.setattr(proofs, "require_solver", lacking)
    found = mutate(program_of(SMALL), [test_of(WEAK)])
    assert found.not_proved == "nothing can be proved: the library `z3-solver` is not installed; pip install it"
    assert {each.knowledge for each in found.survivors} == {Knowledge.NOT_PROVED}
    assert not found.equivalent
    assert not found.missing_tests


def test_the_storefronts_tests_notice_every_mutant():
    """None is left over, not even one that would be proved to decide alike."""
    folder = Path(__file__).parents[2] / "policies" / "storefront"
    program = program_of((folder / "policy.yaml").read_text(encoding="utf-8"))
    found = mutate(program, [test_of((folder / "tests.yaml").read_text(encoding="utf-8"))])
    assert [each.mutant.sentence for each in found.survivors] == []
    assert len(found.killed) > 200
