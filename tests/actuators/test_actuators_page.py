"""
What `docs/actuators.md` tells people to write is what the actuators and the proxies take.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from canarypolicy.actuators.envoy import Envoy
from canarypolicy.actuators.nginx_include import Split
from canarypolicy.documents.part_tables import ACTUATOR_PARAMETERS
from canarypolicy.documents.secrets import World

from envoy_fakes import KEY, FakeEnvoy
from live.nginx_server import nginx_program
from live.servers import program

PAGE = (Path(__file__).parents[2] / "docs" / "actuators.md").read_text(encoding="utf-8")
POSIX = pytest.mark.skipif(sys.platform == "win32", reason="these proxies are no programs for Windows")


def blocks(section, language):
    (text,) = re.findall(rf"^## {section}\n(.*?)(?=^## |\Z)", PAGE, re.DOTALL | re.MULTILINE)
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


def parameters(section):
    """Give the parameters of each example of an actuator."""
    documents = [yaml.safe_load(block) for block in blocks(section, "yaml")]
    written = [each["actuators"]["traffic"] for each in documents if "actuators" in each]
    assert written
    return [ACTUATOR_PARAMETERS[section].model_validate(each[section]) for each in written]


@pytest.mark.parametrize("section", ["haproxy", "envoy", "nginx"])
def test_the_examples_are_what_the_models_take(section):
    """Every key is explained, too."""
    assert parameters(section)
    (text,) = re.findall(rf"^## {section}\n(.*?)(?=^## |\Z)", PAGE, re.DOTALL | re.MULTILINE)
    for key in ACTUATOR_PARAMETERS[section].model_fields:
        assert re.search(rf"^\|[^|]*`{key}\b", text, re.MULTILINE), key


@POSIX
def test_haproxy_takes_what_is_shown(tmp_path):
    """Together with the sections that every configuration has."""
    (shown,) = blocks("haproxy", "haproxy")
    (example,) = parameters("haproxy")
    assert f"stats socket {example.socket} " in shown
    assert f"server-state-file-name {example.persist.state_file}\n" in shown
    shown = shown.replace("/run/haproxy", str(tmp_path)).replace("/var/lib/haproxy", str(tmp_path))
    rest = "\ndefaults\n  mode http\n  timeout connect 1s\n  timeout client 1s\n  timeout server 1s\n"
    (tmp_path / "shop.state").write_text("1\n")
    (tmp_path / "h.cfg").write_text(shown.replace("\nbackend", f"{rest}\nbackend"))
    done = subprocess.run(
        [program("haproxy"), "-c", "-f", str(tmp_path / "h.cfg")], capture_output=True, text=True, timeout=30, check=False
    )
    assert done.returncode == 0, done.stderr


@POSIX
def test_nginx_takes_what_is_shown(tmp_path):
    """The first file is what a weight of 0 writes."""
    configuration, first = blocks("nginx", "nginx")
    (example,) = parameters("nginx")
    split = Split(key=example.key, variable=example.variable, canary=example.canary, baseline=example.baseline)
    assert first == split.text(0)
    (tmp_path / "split.conf").write_text(first)
    folders = "".join(f"  {kind}_temp_path {tmp_path}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    shown = configuration.replace("/etc/nginx/canarypolicy", str(tmp_path)).replace(
        "http {\n", f"http {{\n  access_log off;\n{folders}"
    )
    (tmp_path / "n.conf").write_text(f"pid {tmp_path}/pid;\nerror_log {tmp_path}/log;\nevents {{}}\n{shown}")
    done = subprocess.run(
        [nginx_program(), "-t", "-p", str(tmp_path), "-e", str(tmp_path / "log"), "-c", str(tmp_path / "n.conf")],
        capture_output=True, text=True, timeout=30, check=False, env=dict(os.environ),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_the_routes_of_envoy_are_those_that_are_read_and_written(tmp_path):
    """Against the fake: the live tests have the same routes in a real Envoy."""
    by_key, by_file = parameters("envoy")
    file = tmp_path / "shop.json"
    (text,) = blocks("envoy", "json")
    file.write_text(text)
    fake = FakeEnvoy(file)
    (fraction,) = [
        route["match"]["runtime_fraction"]
        for block in blocks("envoy", "yaml")
        for route in yaml.safe_load(block).get("routes", [])
        if "runtime_fraction" in route["match"]
    ]
    assert fraction["runtime_key"] == by_key.runtime_key
    fake.fraction = fraction["default_value"]
    with fake.serving() as address:
        world = World(variables={"ADMIN": address, "FILE": str(file)}, read_file=lambda path: "")
        for example, more in ((by_key, {"runtime_key": KEY}), (by_file, {"route_file": "${env:FILE}"})):
            written = {**example.model_dump(mode="json", exclude_unset=True), "admin": "${env:ADMIN}", **more}
            traffic = Envoy("traffic", type(example).model_validate(written), world)
            assert traffic.read_back() == 0
            traffic.set(12.34)
            assert traffic.read_back() == pytest.approx(12.34)
