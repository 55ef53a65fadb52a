"""
What one live tick costs in processor time: 20 signals from one real Prometheus asked, admitted and decided.

Run it with `python benchmarks/tick.py`; it starts a Prometheus on loopback, in a temporary directory, that scrapes itself.
Beside it, in the same run: the same with new connections each tick, and the same queries through httpx with a pool.
"""

import asyncio
import shutil
import socket
import socketserver
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from statistics import median
from threading import Lock, Thread
from time import process_time

import httpx
from canarypolicy.documents.environment_loading import load_environment
from canarypolicy.documents.loading import load_policy
from canarypolicy.documents.secrets import World
from canarypolicy.engine.engine import decide
from canarypolicy.engine.program import Program, build
from canarypolicy.engine.rollout import begin
from canarypolicy.engine.sample import RawSample, admit_sample
from canarypolicy.sources.together import LiveSignals

SIGNALS, TICKS, TARGET_MS = 20, 60, 30
QUERY = 'sum(rate(prometheus_http_requests_total{{handler!="/{0}"}}[30s])) / (1 + sum(prometheus_tsdb_head_series) + {0})'
MEASURED = 'max(timestamp(up{{instance!="{0}"}}))'
WORLD = World(variables={}, read_file=lambda _: "")


def program() -> Program:
    """
    Make a policy of 20 signals, the age of half of which matters, and a rule on each.
    """
    signals = "".join(f"  a.s{n}: {{healthy: 0.0{', max_age: 90s' if n % 2 else ''}}}\n" for n in range(SIGNALS))
    slos = "".join(f"  - {{name: low-{n}, require: a.s{n} < 1000.0, for: 1m}}\n" for n in range(0, SIGNALS, 2))
    watches = "".join(f"  - {{name: high-{n}, when: a.s{n} >= 2000.0, for: 1m}}\n" for n in range(1, SIGNALS, 2))
    text = (
        "apiVersion: canarypolicy/v1\nkind: RolloutPolicy\nmetadata: {name: tick}\n"
        f"signals:\n{signals}slos:\n{slos}rollback:\n{watches}"
        "plan: {every: 1s, steps: [{name: full, weight: 100, min: 1h}]}\n"
    )
    loaded = load_policy(text.encode(), "tick.yaml")
    assert loaded.document is not None, loaded.findings
    return build(loaded.document)


def live_signals(of: Program, url: str) -> LiveSignals:
    """
    Make the sources: a query of its own for each signal, and one about its time where that matters.
    """
    lines = []
    for n in range(SIGNALS):
        measured = f", measured: '{MEASURED.format(n)}'" if n % 2 else ""
        lines.append(f"  a.s{n}: {{source: prom, query: '{QUERY.format(n)}'{measured}}}\n")
    text = (
        "apiVersion: canarypolicy/v1\nkind: Environment\nmetadata: {name: tick}\n"
        f"sources: {{prom: {{prometheus: {{url: '{url}', timeout: 5s}}}}}}\nsignals:\n{''.join(lines)}"
    )
    loaded = load_environment(text.encode(), "environment.yaml")
    assert loaded.document is not None, loaded.findings
    return LiveSignals(loaded.document, of.checked, WORLD, 5_000_000)


@contextmanager
def prometheus() -> Iterator[str]:
    """
    Run a Prometheus that scrapes itself each second.
    """
    path = shutil.which("prometheus")
    if path is None:
        sys.exit("`prometheus` is not installed")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        Path(folder, "p.yml").write_text(
            "global: {scrape_interval: 1s}\n"
            f"scrape_configs: [{{job_name: self, static_configs: [{{targets: ['127.0.0.1:{port}']}}]}}]\n",
            encoding="utf-8",
        )
        arguments = [path, "--config.file", "p.yml", "--storage.tsdb.path", "data", "--web.listen-address", f"127.0.0.1:{port}"]
        process = subprocess.Popen(arguments, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            wait_until_ready(f"http://127.0.0.1:{port}")
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(20)


def wait_until_ready(url: str) -> None:
    """
    Wait until the queries have data.
    """
    asked = f"{url}/api/v1/query?{urllib.parse.urlencode({'query': QUERY.format(0)})}"
    for _ in range(300):
        time.sleep(0.1)
        try:
            with urllib.request.urlopen(asked, timeout=2) as answer:  # noqa: S310 - loopback
                if b'"value"' in answer.read():
                    return
        except OSError:
            continue
    sys.exit("prometheus did not get ready")


class CountingRelay:
    """
    Passes bytes on to a server and counts connections, requests, and requests that wait for their answer together.
    """

    def __init__(self, url: str) -> None:
        self._port = urllib.parse.urlsplit(url).port
        self._lock = Lock()
        self.connections = self.requests = self.waiting = self.most_waiting = 0

    @contextmanager
    def serving(self) -> Iterator[str]:
        """
        Serve in threads, two a connection.
        """
        relay = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                relay.connections += 1
                with socket.create_connection(("127.0.0.1", relay._port)) as theirs:
                    back = Thread(target=relay._pass_on, args=(theirs, self.request, -1), daemon=True)
                    back.start()
                    relay._pass_on(self.request, theirs, 1)
                    back.join()

        with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
            server.daemon_threads = True
            Thread(target=server.serve_forever, daemon=True).start()
            yield f"http://127.0.0.1:{server.server_address[1]}"
            server.shutdown()

    def _pass_on(self, source: socket.socket, target: socket.socket, change: int) -> None:
        with suppress(OSError):  # the other side has gone
            while data := source.recv(2**20):  # a request and an answer are one piece each on loopback
                with self._lock:
                    self.waiting += change
                    self.requests += change > 0
                    self.most_waiting = max(self.most_waiting, self.waiting)
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)


def ticks(of: Program, sample: Callable[[int], RawSample]) -> list[float]:
    """
    Take samples and decide at each, as the loop does; give the milliseconds of processor time of each tick, all threads.
    """
    state, costs = begin(of), []
    for _ in range(TICKS):
        time.sleep(0.05)  # the server, too, needs a processor
        began = process_time()
        raw = sample(time.time_ns() // 1000)
        decision, state = decide(of, state, admit_sample(raw, of.signals))
        costs.append((process_time() - began) * 1000)
        assert not raw.why, raw.why
        assert decision is not None
    return costs


def asked_anew(of: Program, url: str) -> Callable[[int], RawSample]:
    """
    Sample with connections of each tick's own.
    """

    def sample(at_us: int) -> RawSample:
        signals = live_signals(of, url)
        try:
            return signals.sample(at_us)
        finally:
            signals.close()

    return sample


def through_httpx(url: str) -> list[float]:
    """
    Send the same queries through httpx' own pool, together, and read nothing of the answers.
    """
    queries = [QUERY.format(n) for n in range(SIGNALS)] + [MEASURED.format(n) for n in range(1, SIGNALS, 2)]

    async def ask() -> list[float]:
        costs = []
        async with httpx.AsyncClient(timeout=5, trust_env=False, limits=httpx.Limits(max_connections=32)) as client:
            for _ in range(TICKS // 3):
                await asyncio.sleep(0.05)
                began, now = process_time(), f"{time.time_ns() // 1_000_000 / 1000:.3f}"
                forms = [{"query": each, "start": now, "end": now, "step": "1"} for each in queries]
                await asyncio.gather(*(client.post(f"{url}/api/v1/query_range", data=form) for form in forms))
                costs.append((process_time() - began) * 1000)
        return costs

    return asyncio.run(ask())


def row(name: str, costs: list[float]) -> None:
    """
    Print one line of the table.
    """
    warm = sorted(costs[3:])
    print(f"{name:44} {costs[0]:8.1f} {median(warm):8.1f} {warm[int(len(warm) * 0.95)]:8.1f}")


def main() -> None:
    """
    Print the table.
    """
    of = program()
    with prometheus() as url:
        print(
            f"{SIGNALS} signals, {SIGNALS // 2} of them with `measured`: {SIGNALS * 3 // 2} queries a tick; ms of processor time"
        )
        print(f"{'':44} {'first':>8} {'median':>8} {'95 %':>8}")
        kept = live_signals(of, url)
        costs = ticks(of, kept.sample)
        kept.close()
        row("one tick: asked, admitted, decided", costs)
        row("the same with new connections each tick", ticks(of, asked_anew(of, url)))
        row("the queries alone through httpx' pool", through_httpx(url))
        relay = CountingRelay(url)
        with relay.serving() as relayed:
            counted = live_signals(of, relayed)
            ticks(of, counted.sample)
            counted.close()
        print(
            f"over {TICKS} ticks: {relay.requests} requests over {relay.connections} connections, "
            f"at most {relay.most_waiting} under way at once"
        )
        verdict = "met" if median(costs[3:]) <= TARGET_MS else "MISSED"
        print(f"target: {TARGET_MS} ms a tick, {verdict}")


if __name__ == "__main__":
    main()
