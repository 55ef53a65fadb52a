"""
Real servers on loopback, in temporary directories, ended with the tests that started them.
"""

from __future__ import annotations

from contextlib import ExitStack
from threading import Event, Thread

import pytest

from live.prometheus_server import running_prometheus
from live.servers import fetch
from live.shops import running_version


def pytest_collection_modifyitems(items):
    """
    Begin with the rollout that takes two minutes: all else is done beside it.
    """
    items.sort(key=lambda item: item.path.name != "test_run_storefront.py")


class Shop:
    """
    Two versions of the shop under bounded load: so many requests a second, for so long at most.
    """

    PER_SECOND = 40
    MOST_SECONDS = 180

    def __init__(self, ports: dict[str, int]) -> None:
        self.ports = ports
        self.over = Event()
        self.customers = [Thread(target=self._buy, args=(port,)) for port in ports.values()]

    def fail(self, version: str, share: float) -> None:
        fetch(f"http://127.0.0.1:{self.ports[version]}/fault?errors={share}")

    def _buy(self, port: int) -> None:
        for _ in range(self.PER_SECOND * self.MOST_SECONDS):
            if self.over.wait(1 / self.PER_SECOND):
                return
            try:
                fetch(f"http://127.0.0.1:{port}/buy")
            except OSError:
                continue  # a failed purchase, as it was asked for


@pytest.fixture(scope="module")
def shop():
    with ExitStack() as stack:
        versions = {
            name: stack.enter_context(running_version(name, quickest=0.0, slowest=0.0)) for name in ("canary", "baseline")
        }
        running = Shop({name: each.port for name, each in versions.items()})
        for customer in running.customers:
            customer.start()
        try:
            yield running
        finally:
            running.over.set()
            for customer in running.customers:
                customer.join()


@pytest.fixture(scope="module")
def prometheus(shop, tmp_path_factory):
    with running_prometheus(tmp_path_factory.mktemp("prometheus"), list(shop.ports.values())) as running:
        yield running
