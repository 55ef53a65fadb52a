from datetime import timedelta

import pytest
from canarypolicy.documents.duration import format_duration, format_instant, microseconds, parse_duration, parse_instant
from hypothesis import given, settings
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("30s", 30), ("5m", 300), ("1h30m", 5400), ("1d", 86400), ("1w", 604800), ("1y", 31536000), ("250ms", 0.25), ("0s", 0),
     ("1y1w1d1h1m1s1ms", 31536000 + 604800 + 86400 + 3600 + 60 + 1 + 0.001), ("090s", 90)],
)  # fmt: skip
def test_prometheus_durations_are_read(text, seconds):
    """Units go from large to small, each at most once."""
    assert parse_duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "5", "m", "5 m", "1m1h", "1m1m", "-5m", "1.5h", "5M", "5m\n", "٣m"])
def test_other_texts_are_no_durations(text):
    """The sentence says what is expected."""
    with pytest.raises(ValueError, match="is not a duration: expected digits and units such as `30s`, `5m` or `1h30m`"):
        parse_duration(text)


def test_durations_have_a_longest_one():
    """The engine's time stays far from what its numbers cannot hold."""
    assert parse_duration("100y") == timedelta(days=36500)
    with pytest.raises(ValueError, match="is longer than 100 years"):
        parse_duration("100y1ms")
    with pytest.raises(ValueError, match="at most 64 characters"):
        parse_duration("0" * 64 + "s")


@pytest.mark.parametrize(
    ("duration_us", "text"),
    [(0, "0s"), (150_000_000, "2m30s"), (90_061_001_000, "1d1h1m1s1ms"), (-5_000_000, "-5s"), (400, "0s"), (-400, "0s")],
)
def test_durations_are_written_as_short_as_can_be(duration_us, text):
    """Fractions of a millisecond are rounded away."""
    assert format_duration(duration_us) == text


@settings(deadline=None, derandomize=True)
@given(st.integers(0, 10**12))
def test_a_duration_reads_back_as_itself(milliseconds):
    """Law: what is written can be read."""
    assert microseconds(parse_duration(format_duration(milliseconds * 1000))) == milliseconds * 1000


@pytest.mark.parametrize(
    ("value", "instant_us"),
    [
        ("1970-01-01T00:00:01Z", 1_000_000),
        ("1970-01-01T01:00:00+01:00", 0),
        ("1970-01-01T00:00:00.000001", 1),
        (1.5, 1_500_000),
        (1777629600, 1_777_629_600_000_000),
        ("1777629600", 1_777_629_600_000_000),
        ("1777629600.0000019", 1_777_629_600_000_001),
        ("-1.5", -1_500_000),
        ("-0.5", -500_000),
    ],
)
def test_instants_are_rfc_3339_or_epoch_seconds(value, instant_us):
    """A time without a zone is UTC."""
    assert parse_instant(value) == instant_us


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (True, "RFC 3339 text or epoch seconds"),
        (None, "RFC 3339 text or epoch seconds"),
        ("yesterday", "is not a time"),
        ("2026-05-01", "is a day, not a time"),
        (1e30, "is not a time"),
        ("9" * 30, "is not a time"),
    ],
)
def test_other_values_are_no_instants(value, why):
    """The sentence says what is expected."""
    with pytest.raises(ValueError, match=why):
        parse_instant(value)


def test_instants_are_written_in_utc():
    """With a fraction only where there is one."""
    assert format_instant(1_777_629_600_000_000) == "2026-05-01T10:00:00Z"
    assert format_instant(1_500_000) == "1970-01-01T00:00:01.500000Z"
