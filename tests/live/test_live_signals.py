"""
Live samples from a real Prometheus: stopped it costs its signals and no more time than the deadline, and it comes back.
"""

import sys
from time import monotonic, sleep, time_ns

import pytest
from canarypolicy.documents.duration import SECOND_US
from canarypolicy.documents.environment_loading import load_environment
from canarypolicy.documents.secrets import World
from canarypolicy.sources.together import LiveSignals

from driver import program_of
from live.prometheus_server import running_prometheus

pytestmark = [pytest.mark.live, pytest.mark.skipif(sys.platform == "win32", reason="SIGSTOP has no twin on Windows")]

NAMES = ("one", "time", "none", "several", "bad")
ENVIRONMENT = """
apiVersion: canarypolicy/v1
kind: Environment
metadata: {{name: live}}
sources: {{prom: {{prometheus: {{url: '{url}', timeout: 5s}}}}}}
signals:
  a.one: {{source: prom, query: vector(1), measured: time() - 5}}
  a.time: {{source: prom, query: time()}}
  a.none: {{source: prom, query: nothing_there}}
  a.several: {{source: prom, query: 'label_replace(vector(1), "a", "b", "", "") or vector(1)'}}
  a.bad: {{source: prom, query: 'sum('}}
"""


@pytest.fixture(scope="module")
def prometheus(tmp_path_factory):
    with running_prometheus(tmp_path_factory.mktemp("signals"), []) as running:
        yield running


@pytest.fixture
def signals(prometheus):
    declared = "".join(f"  a.{name}: {{healthy: 1.0, max_age: 90s}}\n" for name in NAMES)
    checked = program_of(
        signals=f"signals:\n{declared}derived:\n  a.mean: {{mean: {{of: a.time, over: 10s}}}}\n",
        rules="slos: [{name: low, require: a.one < 9.0 && a.mean > 0.0 && a.none + a.several + a.bad < 9.0}]",
        plan="plan: {every: 2s, steps: [{name: full, weight: 100, min: 1m}]}",
    ).checked
    environment = load_environment(ENVIRONMENT.format(url=prometheus.url).encode(), "e.yaml").document
    made = LiveSignals(environment, checked, World(variables={}, read_file=str), SECOND_US)
    yield made
    made.close()


def now_us():
    return time_ns() // 1000


def test_a_sample_of_now(signals):
    at_us = now_us()
    sample = signals.sample(at_us)
    asked_us = at_us - at_us % 1000
    assert sample.at_us == at_us
    assert sample.signals == {"a.one": 1.0, "a.time": asked_us / SECOND_US}
    assert sample.times_us["a.one"] == asked_us - 5 * SECOND_US
    assert sample.why["a.none"] == "the query gives no data"
    assert sample.why["a.several"].startswith("the query gives 2 series")
    assert sample.why["a.bad"].startswith("`prom` answered HTTP 400 (Bad Request): bad_data: ")


def test_the_past_that_derived_signals_need(signals):
    at_us = now_us()
    samples = signals.history(at_us)
    times = [sample.at_us for sample in samples]
    assert times[-1] == at_us - at_us % 1000 - 2 * SECOND_US
    assert times[0] <= at_us - 10 * SECOND_US
    assert {after - before for before, after in zip(times, times[1:], strict=False)} == {2 * SECOND_US}
    assert all(sample.signals["a.time"] == sample.at_us / SECOND_US for sample in samples)


def test_a_stopped_prometheus_costs_a_deadline_and_comes_back(signals, prometheus):
    """
    It accepts connections while it is stopped; the first tick after it goes on has values again.
    """
    assert signals.sample(now_us()).signals
    prometheus.stop()
    try:
        for _ in range(3):
            began = monotonic()
            sample = signals.sample(now_us())
            assert monotonic() - began < 10  # the deadline, and a very busy machine
            assert not sample.signals
            assert set(sample.why.values()) == {"no answer from `prom` within 800ms"}
            sleep(0.2)
    finally:
        prometheus.go_on()
    for _ in range(50):  # it has to work off what was asked in the meantime
        if signals.sample(now_us()).signals:
            return
    pytest.fail("no value after Prometheus went on")
