"""
A JSON document that is fetched once a tick: each signal a value, or why not.
"""

import json

import pytest
from canarypolicy.documents.secrets import Secret, World
from canarypolicy.documents.signals import SignalType
from canarypolicy.documents.source_parameters import HttpSourceParameters
from canarypolicy.history.window import Window
from canarypolicy.sources.http import Http
from canarypolicy.sources.protocol import Asked

from http_fakes import FakeJsonServer
from raw_fakes import FakeHungServer

AT = 1_700_000_000_500 * 1000
WINDOW = Window(start_us=AT - 60_000_000, end_us=AT, every_us=30_000_000)
WORLD = World(variables={"TOKEN": "t0ken"}, read_file=lambda _: "")


def fetch(url, *asked, window=WINDOW, **parameters):
    source = Http("health", HttpSourceParameters(url=url, **{"timeout": "5s", **parameters}), WORLD)
    try:
        return source.fetch(asked, window)
    finally:
        source.close()


def asked(query, signal="s", **more):
    return Asked(signal=signal, query=Secret(query), type=SignalType.DOUBLE, **more)


DOCUMENT = {
    "queue": {"depth": 12, "ready": True, "state": "ok"},
    "parts": [{"name": "a", "errors": 1}, {"name": "b", "errors": 2}],
    "nothing": None,
    "at": "2023-11-14T22:13:10Z",
    "epoch": 1_699_999_990.25,
    "secret": "t0ken",
}


@pytest.mark.parametrize(
    ("query", "value", "why"),
    [
        ("queue.depth", 12, None),
        ("queue.ready", True, None),
        ("queue.state", "ok", None),
        ("parts[?name=='b'].errors | [0]", 2, None),
        ("sum(parts[].errors)", 3, None),
        ("nothing", None, "the query finds nothing"),
        ("no.such.key", None, "the query finds nothing"),
        ("parts", None, "the query finds an array: a signal is a number, a bool or text"),
        ("queue", None, "the query finds an object: a signal is a number, a bool or text"),
    ],
)
def test_what_a_query_finds(query, value, why):
    fake = FakeJsonServer(DOCUMENT)
    with fake.serving() as url:
        series = fetch(url, asked(query))["s"]
    assert series.value_at(AT) == value
    assert series.why.get(AT) == why
    assert series.has_answered
    before = WINDOW.times_us[0]
    assert (series.value_at(before), series.why_missing(before)) == (None, "its source knows only the present")


def test_a_query_that_fails_says_so_without_secrets():
    with FakeJsonServer(DOCUMENT).serving() as url:
        series = fetch(url, asked("abs(secret)"), bearer_token="${env:TOKEN}")["s"]
    why = series.why[AT]
    assert why.startswith("the query fails: ")
    assert "abs" in why
    assert "t0ken" not in why


def test_all_signals_share_one_request_and_the_connection_is_kept():
    fake = FakeJsonServer(DOCUMENT)
    with fake.serving() as url:
        source = Http("health", HttpSourceParameters(url=url + "/status?deep=1", bearer_token="${env:TOKEN}"), WORLD)
        for _ in range(3):
            found = source.fetch([asked("queue.depth", "a"), asked("epoch", "b")], WINDOW)
        source.close()
    assert [found[name].values[AT] for name in ("a", "b")] == [12, 1_699_999_990.25]
    assert fake.paths == ["/status?deep=1"] * 3
    assert fake.connections == 1
    assert fake.headers[0]["Authorization"] == "Bearer t0ken"


@pytest.mark.parametrize(
    ("measured", "time_us", "why"),
    [
        ("at", 1_699_999_990_000_000, None),
        ("epoch", 1_699_999_990_250_000, None),
        ("nothing", None, "its age is not known: `measured` finds nothing"),
        ("queue.state", None, "its age is not known: `ok` is not a time: expected RFC 3339"),
        ("abs(at)", None, "its age is not known: `measured` fails: "),
    ],
)
def test_when_a_value_was_measured(measured, time_us, why):
    """
    A value whose age matters and cannot be learned is missing.
    """
    with FakeJsonServer(DOCUMENT).serving() as url:
        series = fetch(url, asked("queue.depth", is_timed=True, measured=Secret(measured)))["s"]
        unasked = fetch(url, asked("queue.depth", measured=Secret(measured)))["s"]
    assert series.times_us.get(AT) == time_us
    assert series.value_at(AT) == (12 if why is None else None)
    assert series.why.get(AT, "").startswith(why or "")
    assert unasked.values == {AT: 12}


@pytest.mark.parametrize(
    ("status", "body", "why"),
    [
        (503, b"{}", "`health` answered HTTP 503 (Service Unavailable)"),
        (302, b"", "`health` answered HTTP 302 (Found)"),
        (599, b"", "`health` answered HTTP 599"),
        (200, b"<html>", "the answer of `health` is not JSON"),
        (200, b"\xff", "the answer of `health` is not JSON"),
        (200, b"[" * 100_000, "the answer of `health` is not JSON"),
        (204, b"", "the answer of `health` is not JSON"),
    ],
)
def test_what_is_no_document(status, body, why):
    with FakeJsonServer(body, status=status).serving() as url:
        series = fetch(url, asked("a"))["s"]
    assert series.why_missing(AT) == why
    assert not series.has_answered


def test_an_endless_integer_and_what_is_no_number_are_data():
    with FakeJsonServer(json.dumps({"a": 0, "b": float("nan")}).replace("0", "9" * 5000).encode()).serving() as url:
        found = fetch(url, asked("a", "a"), asked("b", "b"))
    assert found["a"].value_at(AT) == float("inf")
    assert str(found["b"].value_at(AT)) == "nan"


def test_a_hung_server():
    with FakeHungServer().serving() as url:
        assert fetch(url, asked("a"), timeout="200ms")["s"].otherwise == "no answer from `health` within 200ms"
