"""
A real nginx on loopback before two servers, split by an included file.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from live.servers import fetch, free_port, wait_for
from stopping import stop_group

FIRST = """\
# canarypolicy writes this file anew with each weight
split_clients "$request_id" $version {
    * v1;
}
map "" $version_percent {
    default "0";
}
"""


def nginx_program() -> str:
    """
    Give the path of nginx; without one the test is skipped.
    """
    found = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
    if found is None:
        pytest.skip("`nginx` is not installed: `make test` installs it where it may")
    return found


class RealNginx:
    """
    One nginx with two workers; `port` takes requests, `probe_url` tells the percent.
    """

    def __init__(self, folder: Path, servers: Mapping[str, int]) -> None:
        self.folder = folder
        self.port = free_port()
        self._probe_port = free_port()
        self.probe_url = f"http://127.0.0.1:{self._probe_port}/split"
        self.include = folder / "split.conf"
        self.pid_file = folder / "pid"
        self.log = folder / "nginx.log"
        self.arguments = ["-p", str(folder), "-e", str(folder / "err0.log"), "-c", str(folder / "n.conf")]
        self.process: subprocess.Popen | None = None
        self.include.write_text(FIRST, encoding="utf-8")
        (folder / "tmp").mkdir()
        upstreams = "\n  ".join(f"upstream {name} {{ server 127.0.0.1:{port}; }}" for name, port in servers.items())
        temporary = " ".join(
            f"{kind}_temp_path {folder}/tmp/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        (folder / "n.conf").write_text(
            f"""\
daemon off;
worker_processes 2;
pid {self.pid_file};
error_log {self.log};
events {{ worker_connections 256; }}
http {{
  access_log off;
  {temporary}
  {upstreams}
  include {self.include};
  server {{ listen 127.0.0.1:{self.port}; location / {{ proxy_pass http://$version; }} }}
  server {{
    listen 127.0.0.1:{self._probe_port};
    location = /split {{ default_type text/plain; return 200 $version_percent; }}
  }}
}}
""",
            encoding="utf-8",
        )

    def start(self) -> None:
        # A session of its own: a signal to the group reaches master and workers.
        with (self.folder / "out.log").open("wb") as out:
            self.process = subprocess.Popen([nginx_program(), *self.arguments], stdout=out, stderr=out, start_new_session=True)
        wait_for(lambda: fetch(self.probe_url), self.process, self.folder / "out.log")

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
        self.process.send_signal(signal.SIGQUIT)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(10)


@contextmanager
def running_nginx(folder: Path, servers: Mapping[str, int]) -> Iterator[RealNginx]:
    """
    Run one before the servers `v1` and `v2`.
    """
    nginx = RealNginx(folder, servers)
    try:
        nginx.start()
        yield nginx
    finally:
        nginx.end()
