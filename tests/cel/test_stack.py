"""
The recursion limit is raised while it is needed, for all threads that need it, and then is what it was.
"""

import sys
import threading

import pytest
from canarypolicy.cel.stack import deep_stack


def test_the_limit_is_raised_inside_and_given_back():
    before = sys.getrecursionlimit()
    with deep_stack():
        assert sys.getrecursionlimit() >= 10_000
        with deep_stack():
            assert sys.getrecursionlimit() >= 10_000
        assert sys.getrecursionlimit() >= 10_000
    assert sys.getrecursionlimit() == before


def test_a_higher_limit_is_kept():
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(20_000)
    try:
        with deep_stack():
            assert sys.getrecursionlimit() == 20_000
        assert sys.getrecursionlimit() == 20_000
    finally:
        sys.setrecursionlimit(before)


def test_a_changed_limit_is_undone():
    """celpy sets 2,500, whatever it was."""
    before = sys.getrecursionlimit()
    with deep_stack():
        sys.setrecursionlimit(2_500)
    assert sys.getrecursionlimit() == before


def test_an_error_gives_it_back():
    before = sys.getrecursionlimit()
    with pytest.raises(ZeroDivisionError), deep_stack():
        raise ZeroDivisionError
    assert sys.getrecursionlimit() == before


def test_a_thread_that_leaves_takes_nothing_from_one_that_stays():
    before = sys.getrecursionlimit()
    inside, leave = threading.Event(), threading.Event()

    def other():
        with deep_stack():
            inside.set()
            leave.wait(10)

    thread = threading.Thread(target=other)
    with deep_stack():
        thread.start()
        assert inside.wait(10)
    assert sys.getrecursionlimit() >= 10_000  # the other one is still inside
    leave.set()
    thread.join()
    assert sys.getrecursionlimit() == before
