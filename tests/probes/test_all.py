"""
Probes together: all at once, sums, names in front, and a broken one is a failed check.
"""

from __future__ import annotations

from threading import Barrier

from canarypolicy.live.protocols import Check, ProbeResult
from canarypolicy.probes.all import AllProbes


class FakeProbe:
    def __init__(self, result, barrier=None):
        self.result = result
        self.barrier = barrier

    def look(self):
        if self.barrier is not None:
            self.barrier.wait(20)
        if isinstance(self.result, Exception):
            raise self.result
        return self.result


FINE = ProbeResult(checks=(Check(name="ping", ok=True, detail="pong", seconds=0.5), Check(name="write", ok=True)))
COUNTED = ProbeResult(checks=(Check(name="command", ok=True),), fields={"passed": 11, "failed": 2, "lag": 3})


def test_checks_have_the_probes_name_in_front():
    result = AllProbes({"redis": FakeProbe(FINE), "legacy": FakeProbe(COUNTED)}).look()
    assert [(check.name, check.ok, check.detail, check.seconds) for check in result.checks] == [
        ("redis: ping", True, "pong", 0.5),
        ("redis: write", True, "", 0.0),
        ("legacy: command", True, "", 0.0),
    ]


def test_counts_are_sums_also_of_captured_ones():
    record = AllProbes({"redis": FakeProbe(FINE), "legacy": FakeProbe(COUNTED)}).look().as_record()
    assert (record["passed"], record["failed"]) == (13, 2)
    assert "lag" not in record


def test_they_are_asked_at_once():
    """Each waits for the other: one after the other would never end."""
    barrier = Barrier(3)
    probes = {name: FakeProbe(FINE, barrier) for name in ("a", "b", "c")}
    assert AllProbes(probes).look().as_record()["passed"] == 6


def test_a_probe_that_raises_is_a_failed_check_without_its_words():
    result = AllProbes({"plug-in": FakeProbe(RuntimeError("hunter2")), "redis": FakeProbe(FINE)}).look()
    assert (result.checks[0].name, result.checks[0].ok) == ("plug-in: look", False)
    assert result.checks[0].detail == "the probe failed in itself: RuntimeError"
    assert result.as_record()["failed"] == 1


def test_all_of_all():
    inner = AllProbes({"redis": FakeProbe(FINE)})
    result = AllProbes({"data": inner, "legacy": FakeProbe(COUNTED)}).look()
    assert [check.name for check in result.checks] == ["data: redis: ping", "data: redis: write", "legacy: command"]
    assert result.as_record()["failed"] == 2
