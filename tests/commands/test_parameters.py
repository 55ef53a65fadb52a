"""
Values of options: times, durations, signals and addresses.
"""

import click
import pytest
from canarypolicy.commands.parameters import Duration, Instant, Listen, SignalValue


def test_times_are_rfc_3339_or_epoch_seconds():
    for given in ("1970-01-01T00:01:00Z", "1970-01-01T01:01:00+01:00", "60", 60_000_000):
        assert Instant().convert(given, None, None) == 60_000_000


def test_what_is_no_time_is_a_usage_error():
    with pytest.raises(click.BadParameter, match="`noon` is not a time"):
        Instant().convert("noon", None, None)


@pytest.mark.parametrize(
    ("given", "value"),
    [
        ("a.b=1", 1),
        ("a.b=0.5", 0.5),
        ("a.b=true", True),
        ("a.b=null", None),
        ('a.b="x=y"', "x=y"),
        ("a.b=x=y", "x=y"),
        ("a.b=", ""),
    ],
)
def test_a_signals_value_is_read_as_json_and_else_as_text(given, value):
    assert SignalValue().convert(given, None, None) == ("a.b", value)
    assert type(SignalValue().convert(given, None, None)[1]) is type(value)


def test_a_value_without_a_name_is_a_usage_error():
    for given in ("a.b", "=1"):
        with pytest.raises(click.BadParameter, match="is not of the form NAME=VALUE"):
            SignalValue().convert(given, None, None)
    assert SignalValue().convert(("a.b", 1), None, None) == ("a.b", 1)


def test_durations_are_prometheus_durations():
    for given in ("90s", "1m30s", 90_000_000):
        assert Duration().convert(given, None, None) == 90_000_000
    with pytest.raises(click.BadParameter, match="`soon` is not a duration"):
        Duration().convert("soon", None, None)


def test_an_address_to_listen_at():
    address = Listen().convert("127.0.0.1:9464", None, None)
    assert str(Listen().convert(address, None, None)) == "127.0.0.1:9464"
    with pytest.raises(click.BadParameter, match="`9464` names no address or no port"):
        Listen().convert("9464", None, None)
