"""
From an Environment to samples: each way in which a value may be absent, against small servers that are fakes and say so.
"""

import pytest
from canarypolicy.documents.duration import SECOND_US
from canarypolicy.documents.environment_loading import load_environment
from canarypolicy.documents.secrets import World
from canarypolicy.engine.sample import admit_sample
from canarypolicy.errors import Unavailable, Unsupported
from canarypolicy.sources.reading import Occasion, read_environment

from driver import ORIGIN_US, program_of
from http_fakes import FakePrometheus, everywhere, matrix, times_of

MINUTE = 60 * SECOND_US
NAMES = ("good", "nan", "inf", "several", "none", "http", "bad", "garbage", "shape", "warned", "partial")
ANSWERS = {
    "good": everywhere("0.5"),
    "nan": everywhere("NaN"),
    "inf": everywhere("+Inf"),
    "several": lambda form: matrix(({"a": "1"}, [(times_of(form)[0], "1")]), ({"a": "2"}, [(times_of(form)[0], "1")])),
    "none": matrix(),
    "http": (503, b"down"),
    "bad": (400, {"status": "error", "errorType": "bad_data", "error": "parse error: token s3cret"}),
    "garbage": (200, b"<html>"),
    "shape": {"status": "success", "data": {"resultType": "vector", "result": []}},
    "warned": lambda form: matrix(({}, [(at, "1") for at in times_of(form)]), warnings=["from one replica only"]),
    "partial": lambda form: matrix(({}, [(times_of(form)[0], "0.25")])),
}


def policy(names=NAMES, extra="", signal="healthy: 0.0"):
    signals = "signals:\n" + "".join(f"  a.{name}: {{{signal}}}\n" for name in names)
    require = " && ".join(f"a.{name} < 9.0" for name in names)
    return program_of(signals=signals + extra, rules=f"slos: [{{name: low, require: '{require}', for: 2m}}]").checked


def environment(url, names=NAMES, extra="", parameters=""):
    signals = "".join(f"  a.{name}: {{source: prom, query: '{name}'}}\n" for name in names)
    text = f"apiVersion: canarypolicy/v1\nkind: Environment\nmetadata: {{name: e}}\nsources: {{prom: {{prometheus: {{url: '{url}', timeout: 2s{parameters}}}}}}}\nsignals:\n{signals}{extra}"
    loaded = load_environment(text.encode(), "e.yaml")
    assert loaded.document is not None, loaded.findings
    return loaded.document


WORLD = World(variables={"TOKEN": "s3cret"}, read_file=lambda path: "")


def read(url, names=NAMES, given=(), **kwargs):
    checked = policy(names, kwargs.pop("declared", ""), kwargs.pop("signal", "healthy: 0.0"))
    occasion = Occasion(at_us=ORIGIN_US, step="canary-10", given=dict(given))
    recording = read_environment(environment(url, names, **kwargs), checked, occasion, WORLD)
    return recording, [admit_sample(item, checked.policy.signals) for item in recording.items]


def test_every_absence_has_a_reason_of_its_own_and_a_value_its_time():
    with FakePrometheus(ANSWERS).serving() as url:
        recording, samples = read(url, parameters=", bearer_token: '${env:TOKEN}'")
    last = samples[-1]
    assert last.at_us == ORIGIN_US
    assert last.values == {"a.good": 0.5, "a.warned": 1.0}
    assert len(set(last.missing.values())) == len(NAMES) - 2  # each absence, for two have a value
    assert all("s3cret" not in why for why in last.missing.values())
    assert "several" in last.missing["a.several"] or "2 series" in last.missing["a.several"]
    assert "503" in last.missing["a.http"]
    assert "parse error: token ***" in last.missing["a.bad"]
    assert samples[0].values["a.partial"] == 0.25
    assert [note.message for note in recording.notes] == ["`a.warned`: from one replica only"]
    times = [item.at_us for item in recording.items]
    assert {after - before for before, after in zip(times, times[1:], strict=False)} == {MINUTE}


@pytest.mark.parametrize(
    ("is_past", "why"), [(False, "no connection to `health`: connection refused"), (True, "`health` knows only the present")]
)
def test_a_source_that_knows_only_the_present_is_not_asked_about_the_past(is_past, why):
    """
    Its value of now is no value of then.
    """
    text = "apiVersion: canarypolicy/v1\nkind: Environment\nmetadata: {name: e}\nsources: {health: {http: {url: 'http://127.0.0.1:9'}}}\nsignals: {a.x: {source: health, query: x}}\n"
    occasion = Occasion(at_us=ORIGIN_US, step="canary-10", is_past=is_past)
    recording = read_environment(load_environment(text.encode(), "e.yaml").document, policy(("x",)), occasion, WORLD)
    assert recording.items[-1].why == {"a.x": why}


def test_all_queries_go_to_the_server_with_who_asks():
    fake = FakePrometheus({"good": everywhere("1")})
    with fake.serving() as url:
        read(url, ("good",), parameters=", basic_auth: {username: me, password: '${env:TOKEN}'}, headers: {X-Scope: team}")
    assert fake.headers[0]["Authorization"] == "Basic bWU6czNjcmV0"
    assert fake.headers[0]["X-Scope"] == "team"
    assert fake.paths[0].endswith("/api/v1/query_range")


def test_a_server_that_is_not_there_gives_one_sample_with_everything_missing():
    recording, (sample,) = read("http://127.0.0.1:9", ("good", "nan"))
    assert sample.at_us == ORIGIN_US
    assert sample.values == {}
    assert all("refused" in why for why in sample.missing.values())
    assert len(recording.items) == 1


def test_manual_given_and_unmentioned_signals():
    extra = "  b.manual: {manual: 3}\n  b.nil: {manual: null}\n"
    declared = "".join(f"  b.{name}: {{healthy: 0.0}}\n" for name in ("manual", "nil", "absent", "given", "nothing"))
    with FakePrometheus(ANSWERS).serving() as url:
        _, samples = read(url, ("good",), given={"b.given": 4, "b.nothing": None}, extra=extra, declared=declared)
    assert samples[-1].values == {"a.good": 0.5, "b.manual": 3.0, "b.given": 4.0}
    assert samples[-1].missing["b.absent"] == "`e` does not say where it comes from"
    assert samples[-1].missing["b.nothing"] == "given as null"


def test_the_age_of_a_value_is_asked_for_where_it_matters():
    answers = {"up": everywhere("1"), "timestamp(up\n)": everywhere(str(ORIGIN_US / SECOND_US - 300))}
    fake = FakePrometheus(answers)
    with fake.serving() as url:
        _, samples = read(url, ("up",), signal="healthy: 0.0, max_age: 90s")
    assert samples[-1].values == {}
    assert "over its max_age" in samples[-1].missing["a.up"]


def test_a_query_that_measures_the_age():
    extra = "  a.rate: {source: prom, query: 'rate', measured: 'max(timestamp(up))'}\n"
    fake = FakePrometheus({"rate": everywhere("1"), "max(timestamp(up))": everywhere(str(ORIGIN_US / SECOND_US - 10))})
    with fake.serving() as url:
        _, samples = _rate(url, extra)
    assert samples[-1].values == {"a.rate": 1.0}


def _rate(url, extra):
    checked = policy(("rate",), signal="healthy: 0.0, max_age: 90s")
    recording = read_environment(environment(url, (), extra=extra), checked, Occasion(at_us=ORIGIN_US, step="full"), WORLD)
    return recording, [admit_sample(item, checked.policy.signals) for item in recording.items]


def test_a_frozen_signal_of_an_earlier_step_is_told_to_be_missing():
    checked = policy(("good",), extra="derived:\n  a.frozen: {frozen: {of: a.good, at: canary-10, over: 5m}}\n")
    with FakePrometheus(ANSWERS).serving() as url:
        recording = read_environment(environment(url, ("good",)), checked, Occasion(at_us=ORIGIN_US, step="full"), WORLD)
    assert [note.name for note in recording.notes] == ["entry-unknown"]


def test_an_unset_variable_is_the_world_s_fault():
    with pytest.raises(Unavailable, match="`NOWHERE` is not set"):
        read("${env:NOWHERE}", ("good",))


def test_a_window_of_more_samples_than_a_server_answers_is_refused():
    checked = policy(("good",), extra="derived:\n  a.mean: {mean: {of: a.good, over: 400d}}\n")
    with pytest.raises(Unsupported, match="looks back over"):
        read_environment(environment("http://127.0.0.1:9", ("good",)), checked, Occasion(at_us=ORIGIN_US, step="full"), WORLD)
