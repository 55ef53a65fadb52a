"""
What the solver says of a mutant, and what is said where it does not read policies as the engine does.
"""

import pytest
from canarypolicy.engine.program import build
from canarypolicy.errors import Unsupported
from canarypolicy.mutation import proofs
from canarypolicy.mutation.mutant import Danger
from canarypolicy.mutation.mutating import UNSAYABLE, mutate
from canarypolicy.mutation.result import Knowledge
from canarypolicy.review.findings import Certainty

from driver import program_of
from mutation.policies import SMALL, WEAK, mutants_of, test_of

pytest.importorskip("z3")


def test_a_reading_that_is_not_the_engines_is_said_and_nothing_else(monkeypatch):
    def parts(encoded):
        raise Unsupported("nothing is said of this change")

    monkeypatch.setattr(proofs, "check_reading", parts)
    mutant = mutants_of(SMALL)["rollback rule `high` is gone"]
    (known,) = proofs.differences(program_of(SMALL), build(mutant.checked), most=3)
    assert (known.certainty, known.why) == (Certainty.UNKNOWN, "nothing is said of this change")


def test_what_only_operators_can_show_is_shown_without_a_test():
    """No series approves a step."""
    text = SMALL.replace("max: 10m", "max: 10m, approval: required")
    test = WEAK.replace("{outcome: complete}", "{never: rollback}")
    found = mutate(program_of(text), [test_of(test)])
    (survivor,) = (each for each in found.survivors if each.mutant.kind.value == "approval-dropped")
    assert (survivor.knowledge, survivor.danger, survivor.why) == (Knowledge.SHOWN, Danger.GAINS_ADVANCE, UNSAYABLE)
    assert survivor.test is None
