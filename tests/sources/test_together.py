"""
Sources asked together: a dead, a hung and a failing one cost their own signals and nobody's time.
"""

from threading import Event
from time import monotonic
from types import MappingProxyType

import pytest
from canarypolicy.documents.duration import SECOND_US
from canarypolicy.documents.environment_loading import load_environment
from canarypolicy.documents.secrets import World
from canarypolicy.errors import Unavailable
from canarypolicy.sources import together
from canarypolicy.sources.protocol import Series
from canarypolicy.sources.together import LiveSignals

from driver import ORIGIN_US, program_of
from http_fakes import FakePrometheus, everywhere, times_of
from raw_fakes import FakeHungServer

WORLD = World(variables={"TOKEN": "s3cret"}, read_file=lambda path: "")
HEAD = "apiVersion: canarypolicy/v1\nkind: Environment\nmetadata: {name: e}\n"


def policy(*names, extra="", plan="plan: {every: 1m, steps: [{name: full, weight: 100, min: 1m}]}"):
    signals = "signals:\n" + "".join(f"  a.{name}: {{healthy: 0.0}}\n" for name in names) + extra
    return program_of(signals=signals, rules=f"slos: [{{name: low, require: a.{names[0]} < 9.0}}]", plan=plan).checked


def environment(sources, signals):
    text = f"{HEAD}sources:\n{sources}\nsignals:\n{signals}"
    loaded = load_environment(text.encode(), "e.yaml")
    assert loaded.document is not None, loaded.findings
    return loaded.document


def prometheus(url, timeout="10s"):
    return f"{{prometheus: {{url: '{url}', timeout: {timeout}}}}}"


class FakeSource:
    """
    A source of a plug-in that does whatever it is told to; it takes a Prometheus' place in the table.
    """

    def __init__(self, behave):
        self.behave = behave
        self.asked = 0
        self.closed = 0

    def __call__(self, label, parameters, world):
        return self

    def fetch(self, asked, window):
        self.asked += 1
        return self.behave(asked, window)

    def close(self):
        self.closed += 1


@pytest.fixture
def live(monkeypatch):
    def make(behave, *, deadline_us=200_000, checked=None):
        fake = FakeSource(behave)
        monkeypatch.setattr(together, "SOURCES", MappingProxyType({"prometheus": fake}))
        given = environment(f"  fake: {prometheus('http://a')}", "  a.x: {source: fake, query: x}\n  a.y: {manual: 3}\n")
        return fake, LiveSignals(given, checked or policy("x", "y"), WORLD, deadline_us)

    return make


def test_a_hung_a_dead_and_a_fast_source_together():
    """
    The fast one's value is there, each other signal says why not, and the tick ends within its deadline.
    """
    fast = FakePrometheus({"up": everywhere("1")})
    with fast.serving() as url, FakeHungServer().serving() as hung:
        given = environment(
            f"  fast: {prometheus(url)}\n  hung: {prometheus(hung)}\n  dead: {prometheus('http://127.0.0.1:9')}",
            "".join(f"  a.{name}: {{source: {name}, query: up}}\n" for name in ("fast", "hung", "dead")),
        )
        signals = LiveSignals(given, policy("fast", "hung", "dead", "nowhere"), WORLD, 1_500_000)
        begun = monotonic()
        samples = [signals.sample(ORIGIN_US + second * SECOND_US + 7) for second in range(2)]
        took = monotonic() - begun
        signals.close()
    for second, sample in enumerate(samples):
        assert sample.at_us == ORIGIN_US + second * SECOND_US + 7
        assert sample.signals == {"a.fast": 1.0}
        assert sample.why == {
            "a.hung": "no answer from `hung` within 1s200ms",
            "a.dead": "no connection to `dead`: connection refused",
            "a.nowhere": "`e` does not say where it comes from",
        }
    assert took < 15  # two deadlines of 1.5 s, and a very busy machine; the hung one would take for ever
    assert [times_of(form) for form in fast.asked] == [[ORIGIN_US / SECOND_US], [ORIGIN_US / SECOND_US + 1]]


def test_a_source_that_still_hangs_is_not_asked_again_until_it_returns(live):
    over, back = Event(), Event()

    def hang_once(asked, window):
        if not over.is_set():
            over.wait(30)
            back.set()
        return {"a.x": Series(always=1.0, otherwise="")}

    fake, signals = live(hang_once)
    first, second = signals.sample(ORIGIN_US), signals.sample(ORIGIN_US + SECOND_US)
    assert first.why == {"a.x": "no answer from `fake` within 200ms"}
    assert second.why == {"a.x": "no answer from `fake` since it was asked at 2026-01-01T00:00:00Z"}
    assert first.signals == second.signals == {"a.y": 3}
    assert fake.asked == 1
    signals.close()
    assert fake.closed == 0  # it is still at work
    over.set()
    assert back.wait(10)
    for _ in range(100):  # its thread has a last line to run
        third = signals.sample(ORIGIN_US + 2 * SECOND_US)
        if third.signals.get("a.x") == 1.0:
            break
    assert third.signals == {"a.x": 1.0, "a.y": 3}
    signals.close()
    assert fake.closed == 1


def fail(error):
    def behave(asked, window):
        raise error

    return behave


@pytest.mark.parametrize(
    ("behave", "why"),
    [
        pytest.param(fail(KeyError("s3cret")), "`fake` failed: KeyError", id="an exception"),
        pytest.param(fail(SystemExit(3)), "`fake` failed: SystemExit", id="an attempt to end the process"),
        pytest.param(lambda *_: None, "`fake` failed: TypeError", id="no mapping"),
        pytest.param(lambda *_: {}, "`fake` says nothing of it", id="no series"),
        pytest.param(lambda *_: {"a.x": 1.0}, "`fake` says nothing of it", id="no series but a value"),
        pytest.param(
            lambda *_: {"a.x": Series(always=[1], otherwise="")},
            "a value is a number, a bool or text, found `list`",
            id="a value that no recording can hold",
        ),
        pytest.param(
            lambda *_: {"a.x": Series(always=10**5000, otherwise="")}, "an integer beyond every double", id="an endless integer"
        ),
        pytest.param(
            lambda *_: {"a.x": Series(always="\ud800", otherwise="")}, "a text that has half a character", id="half a character"
        ),
        pytest.param(lambda *_: {"a.x": Series(otherwise="a\nb\ud800")}, "a?b?", id="a reason of many lines"),
        pytest.param(
            lambda _, window: {"a.x": Series(always=1.0, otherwise="", times_us={window.end_us: 10**30})},
            "its age is not known: its time of measurement is no time",
            id="a time that is none",
        ),
    ],
)
def test_whatever_a_source_gives_is_a_reason(live, behave, why):
    _, signals = live(behave, deadline_us=5_000_000)
    assert signals.sample(ORIGIN_US).why == {"a.x": why}


def test_a_source_without_a_secret_is_told_at_once():
    given = environment(f"  p: {prometheus('${env:NOWHERE}')}", "  a.x: {source: p, query: x}\n")
    with pytest.raises(Unavailable, match="`NOWHERE` is not set"):
        LiveSignals(given, policy("x"), WORLD, SECOND_US)


def test_a_plug_in_that_cannot_be_made_is_told_without_its_words(live, monkeypatch):
    monkeypatch.setattr(FakeSource, "__call__", lambda *_: int("s3cret"))
    with pytest.raises(Unavailable) as wrong:
        live(fail(KeyError()))
    assert wrong.value.message == "source `fake`: `prometheus` cannot be made: ValueError"


DERIVED = "derived:\n  a.mean: {mean: {of: a.x, over: 3m}}\n"


def test_history_is_what_derived_signals_need_before_the_start():
    fake = FakePrometheus({"x": everywhere("1")})
    with fake.serving() as url:
        given = environment(
            f"  p: {prometheus(url)}", "  a.x: {source: p, query: x}\n  a.y: {source: p, query: y}\n  a.z: {manual: 2}\n"
        )
        signals = LiveSignals(given, policy("x", "y", "z", extra=DERIVED), WORLD, 5_000_000)
        samples = signals.history(ORIGIN_US + 7)
    assert [sample.at_us for sample in samples] == [ORIGIN_US - minute * 60 * SECOND_US for minute in (5, 4, 3, 2, 1)]
    assert {sample.signals["a.x"] for sample in samples} == {1.0}
    assert samples[0].signals["a.z"] == 2
    assert samples[0].why == {"a.y": "not asked: no derived signal reads it"}
    assert [form["query"] for form in fake.asked] == ["x"]


def test_there_is_no_history_without_need_without_a_past_and_without_an_answer(live):
    fake, signals = live(fail(KeyError()))
    assert signals.history(ORIGIN_US) == ()
    fake, signals = live(fail(KeyError()), checked=policy("x", "y", extra=DERIVED))
    assert signals.history(ORIGIN_US) == ()
    assert fake.asked == 0  # it does not say that it knows the past
    fake.knows_past = True
    assert signals.history(ORIGIN_US) == ()
    assert fake.asked == 1
