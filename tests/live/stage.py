"""
All that a rollout of the shop needs of the world, as real processes: two versions, HAProxy, Prometheus, customers.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from live.haproxy_server import RealHaproxy, running_haproxy
from live.prometheus_server import Prometheus, running_prometheus
from live.shops import Customers, ShopVersion, buying, running_version, until

PER_SECOND = 150


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """
    The running parts.
    """

    canary: ShopVersion
    baseline: ShopVersion
    haproxy: RealHaproxy
    prometheus: Prometheus
    customers: Customers

    @property
    def variables(self) -> dict[str, str]:
        """
        Where things are, for an Environment's `${env:...}`.
        """
        return {
            "PROMETHEUS_URL": self.prometheus.url,
            "HAPROXY_SOCKET": self.haproxy.socket,
            "SHOP_URL": f"http://127.0.0.1:{self.haproxy.port}",
        }

    def mend(self) -> None:
        """
        Make all parts work again, with all traffic on the stable version, as before a rollout.
        """
        self.prometheus.go_on()
        self.haproxy.go_on()
        for version in (self.canary, self.baseline):
            version.mend()
        for server, weight in (("baseline", 100), ("canary", 0)):
            assert not self.haproxy.say(f"set server shop/{server} weight {weight}").strip()

    def percent(self) -> float:
        """
        Give the canary's percent as HAProxy tells it.
        """
        weights = self.haproxy.weights()
        return 100 * weights["canary"] / sum(weights.values())

    def wait_for_past(self, seconds: float) -> None:
        """
        Wait until Prometheus knows so much of the stable version's past.
        """
        query = f'count_over_time(up{{instance="127.0.0.1:{self.baseline.port}"}}[{seconds:g}s]) >= {seconds - 1:g}'
        until(lambda: self.prometheus.ask(query), seconds + 10, "Prometheus to have a past", every=0.2)


@contextmanager
def running_stage(
    folder: Path, per_second: float = PER_SECOND, most_seconds: float = 240, patience: str = "1s"
) -> Iterator[Stage]:
    """
    Run everything, in the order in which it is needed; `patience` is how long HAProxy waits for an answer.
    """
    with ExitStack() as stack:
        canary, baseline = (stack.enter_context(running_version(name)) for name in ("canary", "baseline"))
        ports = {"baseline": baseline.port, "canary": canary.port}
        haproxy = stack.enter_context(running_haproxy(ports, patience=patience))
        scraped = [*ports.values(), urlsplit(haproxy.metrics).port]
        prometheus = stack.enter_context(running_prometheus(folder, scraped))
        customers = stack.enter_context(buying(haproxy.port, per_second, most_seconds, folder / "answers"))
        yield Stage(canary=canary, baseline=baseline, haproxy=haproxy, prometheus=prometheus, customers=customers)
