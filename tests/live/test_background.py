"""
Calls in threads of their own: what they give, what they raise, and that only one goes on at a time.
"""

from __future__ import annotations

from threading import Event

import pytest
from canarypolicy.live.background import OneAtATime
from canarypolicy.live.protocols import NotDone


def raising(error):
    def call():
        raise error

    return call


def test_a_result_is_given():
    calls = OneAtATime()
    assert calls.begin(lambda: 10.0)
    assert calls.result(20) == 10.0


def test_while_one_goes_on_no_other_begins():
    calls, over = OneAtATime(), Event()
    assert calls.begin(lambda: over.wait(20))
    assert not calls.begin(lambda: 10.0)
    with pytest.raises(NotDone, match="it has not answered yet"):
        calls.result(0)
    over.set()
    assert calls.result(20) is True
    assert calls.begin(lambda: 10.0)


def test_what_is_not_done_says_why():
    calls = OneAtATime()
    calls.begin(raising(NotDone("no connection")))
    with pytest.raises(NotDone, match="no connection"):
        calls.result(20)


def test_the_mistake_of_a_plug_in_is_not_done_and_shows_nothing_of_it():
    """An actuator that raises whatever it likes does not end the process that has to roll back."""
    calls = OneAtATime()
    calls.begin(raising(KeyError("hunter2")))
    with pytest.raises(NotDone) as raised:
        calls.result(20)
    assert raised.value.why == "a fault in it: KeyError"
    assert not calls.is_busy
