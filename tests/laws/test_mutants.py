"""
Mutants of random policies: each is a valid document, and what is left out of a run could not have come out otherwise.
"""

import json

import pytest
from canarypolicy.documents.loading import load_policy
from canarypolicy.engine.program import build
from canarypolicy.mutation import killing, standings
from canarypolicy.mutation.killing import Case, Suite
from canarypolicy.mutation.mutants import mutants
from canarypolicy.testing.running import run_course
from hypothesis import given, settings

from driver import program_of
from laws.strategies import policies
from laws.test_slices import scenarios

FEW = settings(deadline=None, derandomize=True, max_examples=15)

pytestmark = pytest.mark.no_cover  # smaller tests cover the same lines; measuring here takes longer than the test


def told(course, names):
    """Give all of a course that an expectation may ask about: reasons by the names that it expects."""
    for each in course.judged:
        decision = each.decision
        reasons = {reason.rule for reason in decision.reasons} & names
        yield decision.verdict, decision.step, decision.at_us, decision.is_complete, each.is_restated, reasons


def differing(text, each):
    """Give the first mutant of which the suite says another course than the whole engine."""
    program = program_of(text)
    suite = Suite(program, [Case(test=None, scenario=each)])
    names = {name for expectation in each.scenario.expect for name in expectation.because or ()}
    as_it_is = run_course(program, each)
    for mutant in mutants(program.checked):
        ours = suite.course_of(0, mutant) or as_it_is
        whole = run_course(build(mutant.checked), each)
        if list(told(ours, names)) != list(told(whole, names)) or ours.phase is not whole.phase:
            return mutant.sentence
    return None


@FEW
@given(policies(), scenarios())
def test_a_course_that_is_left_out_or_folded_on_is_that_of_the_whole_engine(text, each):
    assert differing(text, each) is None


@FEW
@given(policies())
def test_a_mutant_is_what_its_document_reads_as(text):
    """Written out and loaded, it has no error, the same models and the same expressions."""
    checked = program_of(text).checked
    seen = set()
    for mutant in mutants(checked):
        data = mutant.checked.policy.model_dump(mode="json", by_alias=True, exclude_unset=True)
        loaded = load_policy(json.dumps(data).encode(), "mutant.yaml").document
        assert loaded is not None, mutant.sentence
        assert loaded.policy == mutant.checked.policy, mutant.sentence
        assert {path: each.text for path, each in loaded.expressions.items()} == {
            path: each.text for path, each in mutant.checked.expressions.items()
        }, mutant.sentence
        assert loaded.declared == mutant.checked.declared, mutant.sentence
        assert mutant.says not in seen
        seen.add(mutant.says)


def test_the_law_sees_a_standing_that_is_overlooked(monkeypatch):
    """If an ignored unknown counted as one that holds, `missing: ignore` would be noticed by no test."""
    found = []

    @settings(deadline=None, derandomize=True, max_examples=40, database=None)
    @given(policies(), scenarios())
    def look(text, each):
        if not found and differing(text, each) is not None:
            found.append(text)

    def blind(rule, watching):
        row = standings.row_of(rule, watching)
        return standings.Row(stands=tuple(None for _ in row.stands), streaks=row.streaks)

    monkeypatch.setattr(killing, "row_of", blind)
    look()
    assert found
