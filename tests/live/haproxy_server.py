"""
A real HAProxy on loopback before some servers: master and worker, so that it can be reloaded, with a stats socket.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from live.servers import fetch, free_port, program, wait_for
from stopping import stop_group


class RealHaproxy:
    """
    One HAProxy: `port` takes requests, `socket` (a path) and `tcp_socket` take commands, `metrics` is for Prometheus.

    Weights in its file are 100 for the first server and 0 for all others.
    """

    BACKEND = "shop"

    def __init__(
        self,
        folder: Path,
        servers: Mapping[str, int],
        *,
        persist: bool = False,
        balance: str = "roundrobin",
        patience: str = "5s",
    ) -> None:
        self.folder = folder
        self.servers = dict(servers)
        self.port, self._metrics_port, self._tcp_port = free_port(), free_port(), free_port()
        self.socket = str(folder / "s.sock")
        self.tcp_socket = f"tcp://127.0.0.1:{self._tcp_port}"
        self.metrics = f"http://127.0.0.1:{self._metrics_port}/metrics"
        self.state_file = folder / "state"
        self.log = folder / "haproxy.log"
        self.process: subprocess.Popen | None = None
        self._write_file(balance, patience, persist=persist)

    def start(self) -> None:
        arguments = [program("haproxy"), "-W", "-db", "-f", str(self.folder / "h.cfg")]
        with self.log.open("ab") as log:
            # A session of its own: a signal to the group reaches master and workers.
            self.process = subprocess.Popen(arguments, stdout=log, stderr=log, start_new_session=True)
        wait_for(lambda: self.say("show info"), self.process, self.log)
        wait_for(lambda: fetch(self.metrics), self.process, self.log)

    def reload(self) -> None:
        """
        Have the file read again, and wait until a new worker answers on the stats socket.
        """
        before = self.worker()
        for look in range(200):
            if look % 40 == 0:  # a master that has just begun loses the signal, and a second reload is harmless
                self.process.send_signal(signal.SIGUSR2)
            time.sleep(0.05)
            try:
                if self.worker() != before:
                    return
            except OSError:
                continue  # the socket changes hands
        raise AssertionError(f"no new worker: {self.log.read_text(errors='replace')[-2000:]}")

    def stop(self) -> None:
        """
        Have it hang: it accepts and says nothing.
        """
        stop_group(self.process.pid)

    def go_on(self) -> None:
        os.killpg(self.process.pid, signal.SIGCONT)

    def end(self) -> None:
        if self.process is None or self.process.poll() is not None:
            return
        self.go_on()
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(10)

    def say(self, line: str) -> str:
        """
        Send a command, as a person with `socat` would.
        """
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(5)
            connection.connect(self.socket)
            connection.sendall(f"{line}\n".encode())
            answer = b""
            while chunk := connection.recv(65536):
                answer += chunk
        return answer.decode()

    def worker(self) -> int:
        """
        Give the process that answers on the stats socket now.
        """
        lines = self.say("show info").splitlines()
        pids = [int(line.removeprefix("Pid: ")) for line in lines if line.startswith("Pid: ")]
        if not pids:
            raise ConnectionError("no whole answer")
        return pids[0]

    def weights(self) -> dict[str, int]:
        return {name: int(self.say(f"get weight {self.BACKEND}/{name}").split()[0]) for name in self.servers}

    def _write_file(self, balance: str, patience: str, *, persist: bool) -> None:
        state = f"load-server-state-from-file local\n  server-state-file-name {self.state_file}" if persist else ""
        servers = "\n  ".join(
            f"server {name} 127.0.0.1:{port} weight {0 if index else 100}"
            for index, (name, port) in enumerate(self.servers.items())
        )
        (self.folder / "h.cfg").write_text(
            f"""\
global
  stats socket {self.socket} mode 600 level admin expose-fd listeners
  stats socket ipv4@127.0.0.1:{self._tcp_port} level admin
  hard-stop-after 3s
defaults
  mode http
  timeout connect 1s
  timeout client 5s
  timeout server {patience}
  retries 0
frontend metrics
  bind 127.0.0.1:{self._metrics_port}
  http-request use-service prometheus-exporter if {{ path /metrics }}
frontend entrance
  bind 127.0.0.1:{self.port}
  default_backend {self.BACKEND}
backend {self.BACKEND}
  balance {balance}
  {state}
  {servers}
""",
            encoding="utf-8",
        )


@contextmanager
def running_haproxy(
    servers: Mapping[str, int], *, persist: bool = False, balance: str = "roundrobin", patience: str = "5s"
) -> Iterator[RealHaproxy]:
    """
    Run one before these servers, the stable one first; `patience` is how long it waits for their answers.
    """
    # A folder of its own with a short name: a UNIX socket's path may have about 107 bytes.
    folder = Path(tempfile.mkdtemp(prefix="hap"))
    haproxy = RealHaproxy(folder, servers, persist=persist, balance=balance, patience=patience)
    try:
        haproxy.start()
        yield haproxy
    finally:
        haproxy.end()
        shutil.rmtree(folder)
