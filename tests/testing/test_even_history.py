"""
Histories at equal distances: what taking out and looking less often leave, and which of two is simpler.
"""

from canarypolicy.engine.event import AbortEvent, PauseEvent
from canarypolicy.testing.even_history import EvenHistory, digits_of, distance, size_of

PAUSE, ABORT = PauseEvent(at_us=0), AbortEvent(at_us=0)


def history(*values, start=0, events=(), every_us=60):
    return EvenHistory(every_us=every_us, start=start, rows=tuple((value,) for value in values), events=events)


def test_what_is_taken_out_moves_the_start_and_the_events_before_what_is_left():
    whole = history(0, 1, 2, 3, 4, start=3, events=((1, PAUSE), (4, ABORT)))
    assert whole.without(1, 2) == history(0, 3, 4, start=1, events=((1, PAUSE), (2, ABORT)))
    assert whole.without(3, 1) == history(0, 1, 2, 4, start=3, events=((1, PAUSE), (3, ABORT)))
    assert whole.without(2, 2) == history(0, 1, 4, start=2, events=((1, PAUSE), (2, ABORT)))


def test_looking_less_often_ends_with_the_same_sample_and_takes_what_was_last_seen():
    whole = history(0, 1, 2, 3, 4, 5, start=2, events=((3, PAUSE),))
    assert whole.at_every(120) == history(1, 3, 5, start=1, events=((1, PAUSE),), every_us=120)
    assert whole.at_every(90) == history(0, 2, 3, 5, start=1, events=((2, PAUSE),), every_us=90)
    assert whole.at_every(300) == history(0, 5, start=1, events=((1, PAUSE),), every_us=300)


def test_fewer_samples_come_first_then_signals_then_changes_then_digits():
    healthy = (0.5, False)

    def of(*rows, **more):
        return EvenHistory(every_us=60, rows=rows, **more)

    def is_simpler(one, other, healthy):
        return size_of(one, healthy) < size_of(other, healthy)

    ordered = [
        of((0.123, True)),
        of((0.5, False), (0.5, False)),
        of((0.5, False), (0.5, True)),
        of((0.5, True), (0.5, True), start=0),
        of((0.5, True), (0.5, False)),
        of((0.9, False), (0.5, False), events=((0, PAUSE),)),
        of((0.9, False), (0.5, True)),
    ]
    # a signal that is true all along changes less often than one that becomes so
    assert is_simpler(ordered[3], ordered[2], healthy)
    for simpler, other in ((0, 1), (1, 2), (2, 5), (5, 6)):
        assert is_simpler(ordered[simpler], ordered[other], healthy)
        assert not is_simpler(ordered[other], ordered[simpler], healthy)
    assert not is_simpler(ordered[2], ordered[4], healthy)
    assert not is_simpler(ordered[4], ordered[2], healthy)
    assert is_simpler(of((0.9, False)), of((0.91, False)), healthy)
    assert is_simpler(of((0.6, False)), of((0.9, False)), healthy)
    assert size_of(of((None, False)), healthy) > size_of(of((0.5, False)), healthy)


def test_digits_and_distance():
    assert [digits_of(value) for value in (0.02, 3000.0, 120, 1e-05, 0.1234, True, None, "up")] == [1, 1, 2, 1, 4, 0, 0, 0]
    assert distance(3.0, 2.0) == 0.5
    assert distance(3, 0) == 3.0
    assert distance(None, 2.0) == 0.0
