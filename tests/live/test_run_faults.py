"""
One fault at a time on a live rollout of the storefront; each ends as the runbook says.

The plan is short, with 2 s of evidence instead of the runbook's 5 minutes. Where a rollback follows, the time from the
fault's visibility in Prometheus to all traffic on the stable version is told, and is at most one `every` and a second,
the rule's own `for` apart.
"""

import sys
import time
from contextlib import ExitStack

import pytest

from live.rollout import rollout
from live.shops import until
from live.stage import running_stage
from live.storefront import AT_THE_PROXY, SHORT, environment_text, policy_text
from live.watching import watching

pytestmark = [pytest.mark.live, pytest.mark.skipif(sys.platform == "win32", reason="SIGSTOP has no twin on Windows")]

EVERY, FOR, HUNG = 1.0, 2.0, 0.8
"""Seconds: how often is judged, a rule's own time, and how long a tick waits for a source that hangs."""

BY_THE_SHOP = 'sum(rate(http_requests_total{version="canary",code=~"5.."}[5s])) / sum(rate(http_requests_total{version="canary"}[5s])) >= 0.02'
BY_THE_PROXY = AT_THE_PROXY.replace("VERSION", "canary") + " >= 0.02"
SALES_BLOCKED = (
    '(sum(rate(business_operations_total{op="sale",result="ok"}[5s])) == bool 0)'
    ' * (sum(rate(business_operations_total{op="sale",result="error"}[5s])) > bool 0) == 1'
)


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    with running_stage(tmp_path_factory.mktemp("stage"), per_second=120, most_seconds=500) as stage:
        stage.wait_for_past(4)
        yield stage


@pytest.fixture
def stage(running):
    running.mend()
    try:
        yield running
    finally:
        running.mend()


@pytest.fixture
def begin(stage, tmp_path):
    """
    Begin a rollout and wait until the canary has its 10 %.
    """
    with ExitStack() as stack:

        def start(**environment):
            run = stack.enter_context(rollout(tmp_path, policy_text(SHORT), environment_text(**environment), stage.variables))
            run.start()
            run.entered("canary-10")
            return run

        yield start


@pytest.fixture
def tell(record_property):
    """
    Say how long it took, and hold it against what is allowed.
    """

    def told(what, seconds, own=0.0):
        print(f"{what}: {seconds:.2f} s to stable traffic, {own:g} s apart")
        record_property(
            f"{what}, seconds to stable traffic", f"{seconds:.2f} of {own + EVERY + 1:g}, of which the rule's own {own:g}"
        )
        assert seconds <= own + EVERY + 1, f"{what}: {seconds:.2f} s to stable traffic"

    return told


def is_rolled_back(run, stage, rule):
    """
    Hold the end of a run against the runbook: traffic back first, recovery watched, notices, freeze.
    """
    assert run.ended(60) == 5, run.stderr
    (rollback, *_) = [each for each in run.decisions() if each["decision"] == "rollback"]
    assert rule in rollback["reason_names"], rollback
    (back,) = run.acts("confirm", "weight", **{"for": "rollback"})
    assert back.body["weight"] == 0
    assert stage.percent() == 0
    (told,) = run.acts("intend", "notify", occurrence="rolled-back")
    assert told.seq > back.seq
    (frozen,) = run.acts("confirm", "freeze")
    assert frozen.seq > back.seq
    assert [each["occurrence"] for each in run.notices if each["occurrence"] == "rolled-back"] == ["rolled-back"]
    run.command("journal", "verify", run.name)


def held(run, since, seconds, *reasons):
    """
    See that a rollout holds for some time, with these reasons in the end, and give the last decision.
    """
    time.sleep(max(0.0, since + seconds - time.time()))
    last = until(lambda: [each for each in run.decisions(since)[-1:] if set(reasons) <= each["reason_names"]], 10, reasons)[0]
    decisions = run.decisions(since)
    assert len(decisions) >= seconds / EVERY / 2, "the loop stood still"
    assert {each["decision"] for each in decisions} == {"hold"}, decisions
    return last


def test_5xx_of_5_percent(begin, stage, tell):
    """
    5xx >= 2 % for the rule's time: rolled back, recovered, frozen.
    """
    run = begin()
    with watching(stage, BY_THE_SHOP) as watch:
        stage.canary.fault(errors=0.05)
        is_rolled_back(run, stage, "error-rate-5xx")
    tell("5xx of 5 %", watch.seconds_to_stable(), FOR)
    assert run.notes() == ["recovered", "rolled-back"]


def test_p95_half_as_much_again(begin, stage, tell):
    """
    p95 more than 20 % above the baseline: it does not go on, and says so; nothing rolls back by itself. A person does.
    """
    run = begin()
    entered = time.time()
    stage.canary.fault(slow=1.5)
    held(run, entered, 7, "latency-p95", "overdue")
    assert stage.percent() == pytest.approx(10, abs=0.5)
    assert run.steps() == ["canary-10"]
    assert [each["occurrence"] for each in run.notices] == ["overdue"]
    with watching(stage) as watch:
        run.command("abort", run.name, "--reason", "p95 is too high")
        is_rolled_back(run, stage, "aborted")
    tell("p95 of +50 %, aborted by a person", watch.stable(entered) - run.asked(), 0)


def test_log_errors_growing(begin, stage):
    """
    Sustained growth of errors in the log does not matter at 10 %, and holds from 50 % on; a person gives the traffic back.
    """
    run = begin()
    stage.baseline.fault(log=5)  # the sum over both versions is what the runbook looks at
    held(run, run.entered("canary-50").at + 0.01, 6, "log-errors-steady", "overdue")
    assert run.steps() == ["canary-10", "canary-50"]
    run.command("abort", run.name, "--reason", "the log fills up")
    is_rolled_back(run, stage, "aborted")


def test_sales_failing_with_status_200(begin, stage, tell):
    """
    Some sales fail: it does not go on, though no status says so. No sale succeeds any more: rolled back.
    """
    run = begin()
    failing = time.time()
    stage.canary.fault(sales=1)
    held(run, failing + 1.5, 3, "no-sale-errors")
    assert run.steps() == ["canary-10"]
    stage.canary.fault()
    run.entered("full")
    with watching(stage, SALES_BLOCKED) as watch:
        stage.canary.fault(sales=1)
        is_rolled_back(run, stage, "sales-blocked")
    tell("sales failing with status 200", watch.seconds_to_stable())
    assert stage.customers.failures(failing, watch.stable(failing)) == []  # as customers' programs see it, all was well


@pytest.mark.parametrize("fault", ["kill", "stop"])
def test_dead_canary_seen_at_the_proxy(begin, stage, tell, fault):
    """
    A canary that is dead or hangs has no metrics; with the share of 5xx taken at the proxy, it is rolled back.
    """
    run = begin(at_the_proxy=True)
    with watching(stage, BY_THE_PROXY) as watch:
        getattr(stage.canary, fault)()
        is_rolled_back(run, stage, "error-rate-5xx")
    tell(f"canary dead ({fault})", watch.seconds_to_stable(), FOR)
    assert run.notes() == ["recovered", "rolled-back"]


def test_dead_canary_in_the_literal_storefront(begin, stage, tell):
    """
    The shop's own metrics die with it: no evidence, no advance, and no rollback either; that is what the literal runbook says.
    """
    run = begin()
    killed = time.time()
    stage.canary.kill()
    last = held(run, killed, 7, "error-rate-5xx", "overdue")
    assert {"canary.error_rate_5xx", "canary.latency_p95"} <= {each["signal"] for each in last["missing"]}
    assert run.steps() == ["canary-10"]
    with watching(stage) as watch:
        run.command("abort", run.name, "--reason", "the canary is dead")
        is_rolled_back(run, stage, "aborted")
    tell("canary dead, aborted by a person", watch.stable(killed) - run.asked())


def test_hung_prometheus(begin, stage):
    """
    No evidence, no advance: it holds at its pace, and goes on by itself when the evidence is back.
    """
    run = begin()
    stage.prometheus.stop()
    stopped = time.time()
    last = held(run, stopped + 0.5, 4, "error-rate-5xx-low")
    assert len(last["missing"]) >= 10
    assert run.steps() == ["canary-10"]
    assert stage.percent() == pytest.approx(10, abs=0.5)
    stage.prometheus.go_on()
    assert run.ended(60) == 0, run.stderr
    assert run.steps() == ["canary-10", "canary-50", "full"]


def test_haproxy_reloaded_in_mid_step(begin, stage):
    """
    A reload forgets the weights: they are set again, and the drift holds.
    """
    run = begin()
    with watching(stage) as watch:
        reloaded = time.time()
        stage.haproxy.reload()
        until(lambda: run.acts("confirm", "weight", **{"for": "repair"}), 10, "the repair")
        time.sleep(0.3)
    lost = watch.stable(reloaded)
    repaired, percent = watch.weights[-1]
    assert percent == pytest.approx(10, abs=0.5)
    assert repaired - lost <= EVERY + 1
    (drifted, *_) = [each for each in run.decisions(reloaded) if "weight-drift" in each["reason_names"]]
    assert drifted["decision"] == "hold"
    assert run.ended(60) == 0, run.stderr
    assert run.steps() == ["canary-10", "canary-50", "full"]


def test_haproxy_hangs_at_the_rollback(begin, stage, tell):
    """
    A rollback is tried for ever: it lands as soon as the proxy goes on.
    """
    run = begin()
    stage.haproxy.stop()
    run.command("signal", run.name, "incident.data=true")
    until(lambda: len(run.acts("fail", "weight", **{"for": "rollback"})) >= 2, 20, "two attempts that failed")
    with watching(stage) as watch:
        stage.haproxy.go_on()
        went_on = time.time()
        is_rolled_back(run, stage, "data-incident")
    tell("proxy hung at the rollback, from when it went on", watch.stable(went_on) - went_on)


def test_data_incident(begin, stage, tell):
    """
    A person says that data are lost: rolled back at once.
    """
    run = begin()
    with watching(stage) as watch:
        run.command("signal", run.name, "incident.data=true")
        is_rolled_back(run, stage, "data-incident")
    tell("data incident", watch.stable(run.asked()) - run.asked())


def test_data_incident_while_prometheus_hangs(begin, stage, tell):
    """
    No lack of evidence cancels a rollback; that it cannot be seen to have helped is told to people.
    """
    run = begin()
    stage.prometheus.stop()
    with watching(stage) as watch:
        run.command("signal", run.name, "incident.data=true")
        is_rolled_back(run, stage, "data-incident")
    tell("data incident without Prometheus", watch.stable(run.asked()) - run.asked(), HUNG)
    assert run.notes() == ["not-recovered", "rolled-back"]
    assert "not-recovered" in [each["occurrence"] for each in run.notices]
