"""
A history keeps a decision only if it is made at its last sample, for the first time and for the same reasons.
"""

from dataclasses import replace

from canarypolicy.engine.event import FreezeEvent
from canarypolicy.testing.even_history import EvenHistory
from canarypolicy.testing.incident import incident_of
from canarypolicy.testing.keeping import Trial, event_at, kept_of

from driver import program_of
from minimised import healthy_row, recording_of

MINUTE_US = 60_000_000


def trial_and_history(most=1_000):
    program = program_of()
    incident = incident_of(program, recording_of(program, 9, canary_errors=[0.05] * 9))
    names = sorted(program.signals)
    bad = tuple(0.05 if name == "canary.errors" else value for name, value in zip(names, healthy_row(program), strict=True))
    history = EvenHistory(every_us=MINUTE_US, rows=(bad,) * 4)
    return Trial(program, kept_of(incident.decision), most), history


def test_it_is_decided_at_the_last_sample_and_not_before():
    trial, history = trial_and_history()
    assert trial.keeps(history)
    assert not trial.keeps(replace(history, rows=history.rows[:3]))
    assert not trial.keeps(replace(history, rows=(*history.rows, history.rows[0])))


def test_another_step_or_state_or_reason_is_not_the_same():
    trial, history = trial_and_history()
    for change in ({"step": "full"}, {"reasons": frozenset()}, {"is_complete": True}):
        trial.kept = replace(trial.kept, **change)
        assert not Trial(trial.program, trial.kept, 1_000).keeps(history)


def test_going_on_from_a_common_beginning_gives_what_folding_anew_gives():
    trial, history = trial_and_history()
    good = healthy_row(trial.program)
    for rows in ([*history.rows], [good, *history.rows], [history.rows[0], good, *history.rows], [*history.rows[:2], good]):
        other = replace(history, rows=tuple(rows))
        assert trial.last_decision(other) == Trial(trial.program, trial.kept, 1_000).last_decision(other)


def test_once_spent_nothing_new_is_kept_and_what_was_known_still_is():
    trial, history = trial_and_history(most=4)
    assert trial.keeps(history)
    assert trial.is_spent
    assert trial.keeps(history)
    assert not trial.keeps(replace(history, every_us=2 * MINUTE_US, rows=history.rows[:3]))


def test_the_end_of_a_freeze_moves_with_it():
    assert event_at(FreezeEvent(at_us=0, until_us=5), 7) == FreezeEvent(at_us=7, until_us=12)
