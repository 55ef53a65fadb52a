"""
Checks in order, and within the time limit.
"""

import time

from canarypolicy.probes.bounded import Failed, look_within


def names(result):
    return [(check.name, check.ok, check.detail) for check in result.checks]


def test_each_check_that_passes_is_named():
    def checks():
        yield "one"
        yield "two"

    assert names(look_within(10_000_000, checks)) == [("one", True, ""), ("two", True, "")]


def test_the_first_that_fails_is_the_last():
    def checks():
        yield "one"
        yield "two"
        raise Failed("no")

    assert names(look_within(10_000_000, checks)) == [("one", True, ""), ("two", False, "no")]


def test_what_does_not_end_in_time_has_failed():
    def checks():
        yield "one"
        yield "two"
        time.sleep(5)

    assert names(look_within(200_000, checks)) == [("one", True, ""), ("two", False, "no answer within 200ms")]


def test_a_mistake_of_ours_is_a_check_that_failed():
    def checks():
        yield "one"
        raise KeyError("secret")

    (check,) = look_within(10_000_000, checks).checks
    assert (check.name, check.ok) == ("one", False)
    assert "secret" not in check.detail and "KeyError" in check.detail


def test_nothing_looked_at_in_time_is_a_failed_check_too():
    def checks():
        time.sleep(5)
        yield "one"

    assert names(look_within(100_000, checks)) == [("connect", False, "no answer within 100ms")]
