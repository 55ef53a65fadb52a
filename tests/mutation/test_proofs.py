"""
What the solver says of a mutant, and what is said where it does not read policies as the engine does.
"""

from dataclasses import replace

import pytest
from canarypolicy.engine.event import ApproveEvent
from canarypolicy.engine.program import build
from canarypolicy.errors import Unsupported
from canarypolicy.mutation import mutating, proofs
from canarypolicy.mutation.missing_tests import missing_test
from canarypolicy.mutation.mutant import Danger, MutantKind
from canarypolicy.mutation.mutants import mutants
from canarypolicy.mutation.proofs import differences
from canarypolicy.mutation.result import Knowledge
from canarypolicy.review.findings import Certainty

from driver import program_of
from mutation.policies import SMALL, mutants_of

pytest.importorskip("z3")


def test_a_reading_that_is_not_the_engines_is_said_and_nothing_else(monkeypatch):
    def parts(encoded):
        raise Unsupported("nothing is said of this change")

    monkeypatch.setattr(proofs, "check_reading", parts)
    mutant = mutants_of(SMALL)["rollback rule `high` is gone"]
    (known,) = differences(program_of(SMALL), build(mutant.checked), most=3)
    assert (known.certainty, known.why) == (Certainty.UNKNOWN, "nothing is said of this change")


def test_an_approval_that_nobody_is_asked_for_gains_an_advance():
    program = program_of(SMALL.replace("max: 10m", "max: 10m, approval: required"))
    (mutant,) = (each for each in mutants(program.checked) if each.kind is MutantKind.APPROVAL_DROPPED)
    (survivor,) = mutating._Survivors(program).all([mutant])
    assert (survivor.knowledge, survivor.danger) == (Knowledge.SHOWN, Danger.GAINS_ADVANCE)
    assert survivor.test is not None  # a hold for want of the approval is said without one


def test_a_history_with_events_is_no_series():
    program = program_of(SMALL.replace("max: 10m", "max: 10m, approval: required"))
    (mutant,) = (each for each in mutants(program.checked) if each.kind is MutantKind.APPROVAL_DROPPED)
    (known,) = differences(program, build(mutant.checked), most=1)
    approved = replace(known.witness, items=(*known.witness.items, ApproveEvent(at_us=known.witness.items[-1].at_us)))
    assert missing_test(approved, program, mutant) is None
