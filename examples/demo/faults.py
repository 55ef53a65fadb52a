"""
The faults that the demo can inject: what is done, when, and how the rollout is to end.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from live.runbook import Parts


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """
    One fault.
    """

    name: str
    does: str
    """What is done to the shop, for the screen."""
    expected: str
    """What the literal runbook makes of it, for the screen."""
    inject: Callable[[Parts], None] | None
    at: str = "canary-10"
    """The step in which it is injected."""
    outcome: str = "rolled-back"
    rule: str = ""
    """The rule that rolls back; `aborted` stands for a person: the policy only holds, and the step becomes overdue."""
    at_the_proxy: bool = False
    """Whether the share of 5xx is what customers get, and not what the shop says of itself."""

    @property
    def needs_operator(self) -> bool:
        return self.rule == "aborted"


def _5xx(parts: Parts) -> None:
    parts.stage.canary.fault(errors=0.2)


def _slow(parts: Parts) -> None:
    parts.stage.canary.fault(slow=1.5)


def _sales_blocked(parts: Parts) -> None:
    parts.stage.canary.fault(sales=1)


def _dead_canary(parts: Parts) -> None:
    parts.stage.canary.kill()


def _dead_prometheus(parts: Parts) -> None:
    parts.stage.prometheus.process.kill()


_ALL = (
    Fault(
        name="none",
        does="nothing breaks",
        expected="10 %, 50 %, 100 %, complete",
        inject=None,
        outcome="complete",
    ),
    Fault(
        name="5xx",
        does="at 10 %, one answer in five of the canary is a 500",
        expected="rolled back by `error-rate-5xx`",
        inject=_5xx,
        rule="error-rate-5xx",
    ),
    Fault(
        name="slow",
        does="at 10 %, the canary takes half as long again for its answers",
        expected="held by `latency-p95` until it is overdue: the runbook has no way back for slow answers, so a person aborts",
        inject=_slow,
        rule="aborted",
    ),
    Fault(
        name="sales-blocked",
        does="at 100 %, no sale succeeds any more, though every answer has the status 200",
        expected="rolled back at once by `sales-blocked`",
        inject=_sales_blocked,
        at="full",
        rule="sales-blocked",
    ),
    Fault(
        name="dead-canary",
        does="at 10 %, the canary's process is killed; the share of 5xx is taken at HAProxy, since the dead have no metrics",
        expected="rolled back by `error-rate-5xx`",
        inject=_dead_canary,
        rule="error-rate-5xx",
        at_the_proxy=True,
    ),
    Fault(
        name="dead-prometheus",
        does="at 10 %, Prometheus is killed",
        expected="held, as nothing is known any more, until it is overdue and a person aborts; not seen to recover",
        inject=_dead_prometheus,
        rule="aborted",
    ),
)
FAULTS = {fault.name: fault for fault in _ALL}
