"""
The metrics of a run, as Prometheus reads them, and whether it is alive.
"""

import json
import urllib.error
import urllib.request
from contextlib import closing

import pytest
from canarypolicy.errors import Unavailable
from canarypolicy.live.protocols import Told
from canarypolicy.telemetry.metrics import MetricsWatcher
from prometheus_client.parser import text_string_to_metric_families


class FakeClock:
    """A monotonic clock that is put forward by hand."""

    def __init__(self):
        self.seconds = 1000.0

    def __call__(self):
        return self.seconds


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
def metrics(loopback, clock):
    with closing(MetricsWatcher(loopback, clock)) as watcher:
        yield watcher


def get(watcher, path, **headers):
    request = urllib.request.Request(f"http://{watcher.address}{path}", headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, answer.headers["Content-Type"], answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers["Content-Type"], error.read().decode()


def series(watcher):
    status, content_type, text = get(watcher, "/metrics")
    assert status == 200
    assert content_type.startswith("text/plain")
    found = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            key = (sample.name.removeprefix("canarypolicy_"), *sorted(sample.labels.items()))
            assert key not in found, "a series twice makes Prometheus refuse the whole answer"
            found[key] = sample.value
    return found


P = ("policy", "shop")


def test_a_tick_is_measured(metrics, make_tick):
    metrics.measure(make_tick(missing={"canary.p95": "no data"}))
    found = series(metrics)
    assert found[("decisions_total", ("decision", "hold"), P)] == 1
    assert found[("rule_state", ("kind", "slo"), P, ("rule", "error-rate"), ("state", "not-met"))] == 1
    assert found[("rule_margin", ("kind", "slo"), P, ("rule", "error-rate"))] == -0.5
    assert found[("rule_state", ("kind", "plan"), P, ("rule", "min-duration"), ("state", "waiting"))] == 1
    assert found[("rule_state", ("kind", "rollback"), P, ("rule", "too-high"), ("state", "quiet"))] == 1
    assert found[("rule_margin", ("kind", "rollback"), P, ("rule", "too-high"))] == 0.25
    assert ("rule_margin", ("kind", "plan"), P, ("rule", "min-duration")) not in found
    assert found[("weight_wanted", P)] == found[("weight_read", P)] == 10
    assert found[("step_info", P, ("step", "canary-10"))] == 1
    assert found[("phase", ("phase", "steps"), P)] == 1
    assert found[("run_info", P, ("run", "shop-20260501-1"))] == 1
    assert found[("signal_missing", P, ("signal", "canary.p95"))] == 1
    assert found[("source_failures_total", P, ("signal", "canary.p95"))] == 1
    assert found[("tick_duration_seconds_count", P)] == 1
    assert found[("tick_lag_seconds", P)] == 0.001
    assert found[("store_up", P)] == 1
    assert found[("last_decision_timestamp_seconds", P)] == 1_777_636_800


def test_only_the_present_state_has_a_series_and_counters_grow(metrics, make_tick):
    metrics.measure(make_tick(missing={"canary.p95": "no data"}))
    reasons = [{"rule": "error-rate", "kind": "slo", "state": "unknown", "margin": None, "values": {}}]
    metrics.measure(make_tick(decision={"decision": "hold", "step": "full", "reasons": reasons}, rules=list))
    found = series(metrics)
    assert [key[-1] for key in found if key[0] == "rule_state"] == [("state", "unknown")]
    assert not [key for key in found if key[0] in ("rule_margin", "signal_missing")]
    assert [key[-1] for key in found if key[0] == "step_info"] == [("step", "full")]
    assert found[("decisions_total", ("decision", "hold"), P)] == 2
    assert found[("source_failures_total", P, ("signal", "canary.p95"))] == 1


def test_a_weight_that_cannot_be_read_has_no_series_and_a_tick_without_a_decision_keeps_the_time_of_the_last(metrics, make_tick):
    metrics.measure(make_tick())
    metrics.measure(make_tick(decision=None, weight_read=None, store_up=False, at_us=2 * 10**15))
    found = series(metrics)
    assert ("weight_read", P) not in found
    assert found[("store_up", P)] == 0
    assert found[("last_decision_timestamp_seconds", P)] == 1_777_636_800
    assert not [key for key in found if key[0] == "rule_state"]
    assert sum(value for key, value in found.items() if key[0] == "decisions_total") == 1


def test_two_gates_of_one_name_are_one_series(metrics, make_tick):
    gate = {"rule": "gate", "kind": "gate", "state": "waiting", "margin": None, "values": {}}
    metrics.measure(make_tick(decision={"decision": "hold", "step": "before", "reasons": [gate, gate]}, rules=list))
    assert sum(key[0] == "rule_state" for key in series(metrics)) == 1


def test_acts_are_counted_by_how_they_ended(metrics):
    for event, attempt in (("act-failed", 1), ("act-failed", 2), ("act-confirmed", 3), ("act-abandoned", 1), ("drift", 1)):
        metrics.tell(Told(level="warning", event=event, message="x", facts={"act": "weight", "attempt": attempt}))
    found = series(metrics)
    assert found[("acts_total", ("act", "weight"), ("outcome", "failed"))] == 2
    assert found[("acts_total", ("act", "weight"), ("outcome", "confirmed"))] == 1
    assert found[("acts_total", ("act", "weight"), ("outcome", "abandoned"))] == 1
    assert found[("act_retries_total", ("act", "weight"))] == 2
    assert found[("events_total", ("event", "drift"), ("level", "warning"))] == 1


def test_openmetrics_is_given_to_who_asks_for_it(metrics, make_tick):
    metrics.measure(make_tick())
    status, content_type, text = get(metrics, "/metrics", Accept="application/openmetrics-text; version=1.0.0")
    assert status == 200
    assert content_type.startswith("application/openmetrics-text")
    assert text.endswith("# EOF\n")


def test_health_is_the_loops_own_beat(metrics, clock, make_tick):
    clock.seconds += 5
    status, _, text = get(metrics, "/healthz")
    assert (status, json.loads(text)) == (503, {"status": "starting", "waiting_seconds": 5.0})
    metrics.measure(make_tick())
    clock.seconds += 90
    status, content_type, text = get(metrics, "/healthz")
    assert status == 200
    assert content_type == "application/json"
    assert json.loads(text) == {
        "status": "ok", "run": "shop-20260501-1", "policy": "shop", "phase": "steps",
        "last_tick_seconds_ago": 90.0, "every_seconds": 30.0, "store_up": True,
    }  # fmt: skip
    clock.seconds += 0.001
    status, _, text = get(metrics, "/healthz")
    assert status == 503
    assert json.loads(text)["status"] == "stale"
    metrics.measure(make_tick())
    assert get(metrics, "/healthz")[0] == 200


def test_other_pages_are_not_there_and_nothing_can_be_written(metrics):
    assert get(metrics, "/")[::2] == (404, "/metrics\n/healthz\n")
    assert get(metrics, "/healthz?x=1")[0] == 503
    request = urllib.request.Request(f"http://{metrics.address}/metrics", data=b"x", method="POST")
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(request, timeout=10)
    with caught.value:
        assert caught.value.code == 501


def test_a_port_that_is_taken_is_the_worlds_fault(metrics):
    with pytest.raises(Unavailable) as caught:
        MetricsWatcher(metrics.address)
    assert caught.value.message.startswith(f"cannot listen at `{metrics.address}`: address already in use")


def test_a_port_is_free_again_after_closing(loopback):
    watcher = MetricsWatcher(loopback)
    address = watcher.address
    get(watcher, "/metrics")
    watcher.close()
    again = MetricsWatcher(address)
    again.close()


def test_a_rule_that_is_a_reason_too_is_one_series(metrics, make_tick):
    metrics.measure(make_tick())
    assert [dict(key[1:])["rule"] for key in series(metrics) if key[0] == "rule_state"] == [
        "error-rate",
        "too-high",
        "min-duration",
    ]
