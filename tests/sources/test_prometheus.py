"""
What is asked of Prometheus, as whom, and what is refused before it is asked.
"""

import pytest
from canarypolicy.documents.secrets import Secret, World
from canarypolicy.documents.source_parameters import PrometheusParameters
from canarypolicy.errors import Unavailable
from canarypolicy.history.window import Window
from canarypolicy.sources.prometheus import Prometheus
from canarypolicy.sources.protocol import Asked

from http_fakes import FakePrometheus, everywhere, matrix, times_of

SECOND = 1_000_000
AT = 1_700_000_000_500 * 1000
WINDOW = Window(start_us=AT - 60 * SECOND, end_us=AT, every_us=30 * SECOND)


def world(**variables):
    def read_file(path):
        raise FileNotFoundError(2, "No such file or directory", path)

    return World(variables=variables, read_file=read_file)


def source(url, the_world=None, **parameters):
    written = {"timeout": "5s", **parameters}
    return Prometheus("prom", PrometheusParameters(url=url, **written), the_world or world())


def fetch(url, query="up", window=WINDOW, **asked):
    return source(url).fetch([Asked(signal="s", query=Secret(query), **asked)], window)["s"]


def test_the_last_time_asked_for_is_exactly_the_end_of_the_window():
    fake = FakePrometheus({"up": everywhere("1")})
    with fake.serving() as url:
        series = fetch(url)
    assert fake.asked == [
        {"query": "up", "start": "1699999940.500", "end": "1700000000.500", "step": "30.000", "timeout": "5000ms"}
    ]
    assert series.values == dict.fromkeys(WINDOW.times_us, 1.0)
    assert series.has_answered


def test_a_long_window_is_asked_for_in_parts_and_no_time_is_lost():
    """Prometheus refuses more than 11,000 points at once."""
    window = Window(start_us=AT - 10_000 * SECOND, end_us=AT, every_us=SECOND)
    fake = FakePrometheus({"up": everywhere("1")})
    with fake.serving() as url:
        series = source(url, timeout="1m").fetch([Asked(signal="s", query=Secret("up"))], window)["s"]
    assert [len(times_of(form)) for form in sorted(fake.asked, key=lambda form: form["start"])] == [10_000, 1]
    assert set(series.values) == set(window.times_us)


def test_a_server_that_answers_for_other_times_has_not_answered():
    """A value of another time is not the value of this time, and is not rounded to it."""
    with FakePrometheus({"up": lambda form: matrix(({}, [(times_of(form)[0] + 0.25, "1")]))}).serving() as url:
        series = fetch(url)
    assert (series.values, series.otherwise) == ({}, "`prom` answered for other times than those asked for")


AGES = [
    ("a plain selector has the time of its scrape", {"timestamp(up\n)": everywhere("1699999990")}, {}, 1.0, None),
    ("a scalar has no time of its own: that of asking counts", {"timestamp(up\n)": (400, b"")}, {}, 1.0, None),
    (
        "no time from `measured` where there is a value: missing",
        {"age": matrix()}, {"measured": Secret("age")}, None, "its age is not known: there is no time of measurement",
    ),
    (
        "a wrong `measured` query is not excused: missing",
        {"age": (400, b"")}, {"measured": Secret("age")}, None, "its age is not known: `prom` answered HTTP 400 (Bad Request)",
    ),
    (
        "a time that is no number: missing",
        {"age": everywhere("NaN")}, {"measured": Secret("age")}, None, "its age is not known: there is no time of measurement",
    ),
    (
        "no answer about the time: missing",
        {"timestamp(up\n)": (503, b"")}, {}, None, "its age is not known: `prom` answered HTTP 503 (Service Unavailable)",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("answers", "asked", "value", "why"), [case[1:] for case in AGES], ids=[case[0] for case in AGES])
def test_the_age_of_a_value(answers, asked, value, why):
    """Where the age matters and cannot be learned, there is no value."""
    with FakePrometheus({"up": everywhere("1"), **answers}).serving() as url:
        series = fetch(url, is_timed=True, **asked)
    assert series.value_at(AT) == value
    assert series.why.get(AT) == why
    assert series.has_answered


def test_the_time_of_a_scrape_is_told():
    with FakePrometheus({"up": everywhere("1"), "timestamp(up\n)": everywhere("1699999990.123")}).serving() as url:
        assert fetch(url, is_timed=True).times_us[AT] == 1_699_999_990_123_000


def test_a_query_that_several_signals_share_goes_out_once():
    fake = FakePrometheus({"up": everywhere("1"), "down": everywhere("0"), "at": everywhere("1699999990")})
    with fake.serving() as url:
        shared = {"measured": Secret("at"), "is_timed": True}
        asked = [
            Asked(signal="a", query=Secret("up"), **shared),
            Asked(signal="b", query=Secret("down"), **shared),
            Asked(signal="c", query=Secret("up"), **shared),
        ]
        found = source(url).fetch(asked, WINDOW)
    assert sorted(form["query"] for form in fake.asked) == ["at", "down", "up"]
    assert {name: (each.value_at(AT), each.times_us[AT]) for name, each in found.items()} == {
        "a": (1.0, 1_699_999_990_000_000),
        "b": (0.0, 1_699_999_990_000_000),
        "c": (1.0, 1_699_999_990_000_000),
    }


def test_a_bearer_token_is_sent_and_masked():
    fake = FakePrometheus({"up": (403, b'{"error": "t0ken is not allowed"}')})
    with fake.serving() as url:
        asked = [Asked(signal="s", query=Secret("up"))]
        series = source(url, world(TOKEN="t0ken"), bearer_token="${env:TOKEN}").fetch(asked, WINDOW)["s"]
    assert fake.headers[0]["Authorization"] == "Bearer t0ken"
    assert series.otherwise == "`prom` answered HTTP 403 (Forbidden): *** is not allowed"


def test_a_password_in_the_address_is_sent_and_masked():
    fake = FakePrometheus({"up": (403, b'{"error": "hunter2 is wrong"}')})
    with fake.serving() as url:
        series = fetch(url.replace("//", "//me:hunter2@"))
    assert fake.headers[0]["Authorization"].startswith("Basic ")
    assert series.otherwise == "`prom` answered HTTP 403 (Forbidden): *** is wrong"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "prometheus:9090",
        "ftp://a",
        "http://",
        "http://a:port",
        "http://a:0",
        "http://a/?x=1",
        "http://a/#x",
        "http://a b",
        "http://a\n",
    ],
)
def test_an_address_that_is_none_is_told_and_not_shown(url):
    with pytest.raises(Unavailable) as wrong:
        source("${env:URL}", world(URL=url))
    assert wrong.value.message == "source `prom`: its `url` is no address such as `http://prometheus.example:9090`"


def test_a_header_that_cannot_be_sent_is_told_and_not_shown():
    with pytest.raises(Unavailable, match="`X-Scope` has characters that cannot be sent") as wrong:
        source("http://a", world(SCOPE="a\r\nb"), headers={"X-Scope": "${env:SCOPE}"})
    assert "a\r\nb" not in wrong.value.message


@pytest.mark.parametrize("content", [None, "no certificate"], ids=["no such file", "no PEM"])
def test_certificates_that_cannot_be_read_are_told(content):
    the_world = world() if content is None else World(variables={}, read_file=lambda _: content)
    with pytest.raises(Unavailable, match=r"the `ca_file` `ca\.pem` cannot be read as PEM certificates"):
        source("https://a", the_world, tls_config={"ca_file": "ca.pem"})
