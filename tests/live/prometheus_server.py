"""
A real Prometheus on loopback, scraping each second.
"""

from __future__ import annotations

import json
import signal
import subprocess
import urllib.parse
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from live.servers import end, fetch, free_port, program, wait_for
from stopping import stop


class Prometheus:
    """
    A running Prometheus and its address.
    """

    def __init__(self, process: subprocess.Popen, url: str) -> None:
        self.process = process
        self.url = url

    def stop(self) -> None:
        stop(self.process.pid)

    def go_on(self) -> None:
        self.process.send_signal(signal.SIGCONT)

    def ask(self, query: str) -> list[float]:
        """
        Give the values of a query's series now; a query without any gives none.
        """
        url = f"{self.url}/api/v1/query?{urllib.parse.urlencode({'query': query})}"
        return [float(each["value"][1]) for each in json.loads(fetch(url))["data"]["result"]]


@contextmanager
def running_prometheus(folder: Path, ports: Sequence[int]) -> Iterator[Prometheus]:
    """
    Scrape `/metrics` at some ports of this machine.
    """
    targets = ", ".join(f"'127.0.0.1:{port}'" for port in ports)
    (folder / "p.yml").write_text(
        f"global: {{scrape_interval: 1s}}\nscrape_configs: [{{job_name: shop, static_configs: [{{targets: [{targets}]}}]}}]\n",
        encoding="utf-8",
    )
    port = free_port()
    arguments = [
        program("prometheus"), "--config.file", "p.yml", "--storage.tsdb.path", "data",
        "--web.listen-address", f"127.0.0.1:{port}", "--query.lookback-delta=10s",
    ]  # fmt: skip
    with (folder / "prometheus.log").open("wb") as log:
        process = subprocess.Popen(arguments, cwd=folder, stdout=log, stderr=log, process_group=0)
        try:
            running = Prometheus(process, f"http://127.0.0.1:{port}")
            wait_for(lambda: fetch(f"{running.url}/-/ready"), process, folder / "prometheus.log")
            yield running
        finally:
            end(process)
