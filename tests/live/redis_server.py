"""
A real Redis on loopback.
"""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import redis

from live.servers import end, free_port, program, wait_for
from stopping import stop


class RealRedis:
    """
    A running Redis, which may be stopped, filled and ended.
    """

    def __init__(self, process: subprocess.Popen, port: int) -> None:
        self.process = process
        self.port = port

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def client(self) -> redis.Redis:
        return redis.Redis(port=self.port, socket_timeout=5)

    def fill(self) -> None:
        """
        Let nothing more be written.
        """
        with self.client() as client:
            client.config_set("maxmemory-policy", "noeviction")
            client.config_set("maxmemory", "1")

    def empty(self) -> None:
        with self.client() as client:
            client.config_set("maxmemory", "0")

    def stop(self) -> None:
        stop(self.process.pid)

    def go_on(self) -> None:
        self.process.send_signal(signal.SIGCONT)


@contextmanager
def running_redis(folder: Path) -> Iterator[RealRedis]:
    """
    Start a Redis that keeps nothing on disk.
    """
    port = free_port()
    arguments = [
        program("redis-server"), "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", str(folder),
    ]  # fmt: skip
    with (folder / "redis.log").open("wb") as log:
        process = subprocess.Popen(arguments, cwd=folder, stdout=log, stderr=log, process_group=0)
        try:
            running = RealRedis(process, port)

            def ping() -> None:
                try:
                    with running.client() as client:
                        client.ping()
                except redis.RedisError as error:
                    raise OSError from error

            wait_for(ping, process, folder / "redis.log")
            yield running
        finally:
            end(process)
