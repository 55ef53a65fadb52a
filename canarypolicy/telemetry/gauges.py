"""
What is the case at the last tick, as Prometheus gauges.

A rule, a step or a signal that is no longer of any account has no series; none is left behind at its old value.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from canarypolicy.documents.duration import SECOND_US

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from typing import TypeAlias

    from prometheus_client.core import Metric

    Series: TypeAlias = dict[tuple[tuple[str, str], ...], float]


class TickCollector:
    """
    Makes the gauges of the last tick's facts; before the first tick there are none.
    """

    def __init__(self) -> None:
        self._facts: Mapping[str, Any] | None = None
        self._rules: Sequence[Mapping[str, Any]] = ()
        self._decided_us: int | None = None

    def take(self, facts: Mapping[str, Any], rules: Sequence[Mapping[str, Any]]) -> None:
        """
        Take a tick's facts, and where each rule stands, in place of the last tick's.
        """
        self._facts, self._rules = facts, rules
        if facts["decision"] is not None:
            self._decided_us = facts["at_us"]

    def collect(self) -> Iterator[Metric]:
        """
        Give the metrics, as prometheus_client asks for them.
        """
        from prometheus_client.core import GaugeMetricFamily  # noqa: PLC0415 - imported by then

        if self._facts is None:
            return
        for name, text, series in _families(self._facts, self._rules, self._decided_us):
            if not series:
                continue
            labels = [label for label, _ in next(iter(series))]
            family = GaugeMetricFamily(f"canarypolicy_{name}", text, labels=labels)
            for labelled, value in series.items():
                family.add_metric([value for _, value in labelled], value)
            yield family


def _families(
    facts: Mapping[str, Any], rules: Sequence[Mapping[str, Any]], decided_us: int | None
) -> Iterator[tuple[str, str, Series]]:
    def series(value: float | None, **labels: str) -> Series:
        return {} if value is None else {(("policy", str(facts["policy"])), *labels.items()): float(value)}

    yield "run_info", "The run that is carried out.", series(1, run=str(facts["run"]))
    yield "phase", "The phase of the run; the present one is 1.", series(1, phase=str(facts["phase"]))
    yield "weight_wanted", "The canary's percent of the traffic that the run wants.", series(facts["weight_wanted"])
    yield "weight_read", "The canary's percent of the traffic that the proxy tells.", series(facts["weight_read"])
    yield "tick_lag_seconds", "How late the last tick began.", series(facts["lag_seconds"])
    yield "store_up", "Whether the store could be reached.", series(int(facts["store_up"]))
    missing = _together(series(1, signal=signal) for signal in facts["missing"])
    yield "signal_missing", "A signal without a value at the last sample.", missing
    if decided_us is not None:
        yield "last_decision_timestamp_seconds", "When the last decision was made.", series(decided_us / SECOND_US)
    if facts["decision"] is not None:
        yield from _of_decision(facts["decision"], rules, series)


def _of_decision(
    decision: Mapping[str, Any], rules: Sequence[Mapping[str, Any]], series: Callable[..., Series]
) -> Iterator[tuple[str, str, Series]]:
    yield "step_info", "The step that was judged.", series(1, step=decision["step"])
    named = [({"rule": reason["rule"], "kind": reason["kind"]}, reason) for reason in (*rules, *decision["reasons"])]
    states = _together(series(1, **names, state=reason["state"]) for names, reason in named)
    yield "rule_state", "Each rule of the present step, and every other reason, with its state.", states
    margins = _together(series(reason["margin"], **names) for names, reason in named)
    yield "rule_margin", "How far a rule's value is on the good side of its limit, relative to it.", margins


def _together(parts: Iterable[Series]) -> Series:
    # A dict, since the same labels twice would make the whole answer unreadable: two gates that wait are both called `gate`.
    return {labels: value for part in parts for labels, value in part.items()}
