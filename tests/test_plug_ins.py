"""
Plug-ins: the example package is found by its entry points, and a broken one is told as such.

Nothing is installed: a folder on the path of a process of its own holds what an installation would leave there.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
EXAMPLE = ROOT / "examples" / "plug-in"
ENVIRONMENT = (
    "apiVersion: canarypolicy/v1\nkind: Environment\nmetadata: {name: e}\nsources: {s: {mine: {}}}\n"
    "signals: {canary.error_rate: {source: s, query: q}}\n"
)
HEAD = "from canarypolicy.documents.part_parameters import PartParameters\n"
GOOD = HEAD + "class Mine:\n    name = 'mine'\n    Parameters = PartParameters\n"


def installed(at, name, entry_points):
    """
    Leave in a folder what an installer leaves of a package beside its modules.
    """
    info = at / f"{name}-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n", encoding="utf-8")
    lines = [
        f"[{group}]\n" + "".join(f"{key} = {value}\n" for key, value in keys.items()) for group, keys in entry_points.items()
    ]
    (info / "entry_points.txt").write_text("\n".join(lines), encoding="utf-8")


def canarypolicy(site, cwd, *arguments):
    return subprocess.run(
        [sys.executable, "-m", "canarypolicy", *arguments],
        cwd=cwd, env={**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT), str(site)))},
        capture_output=True, text=True, encoding="utf-8", timeout=120, check=False,
    )  # fmt: skip


@pytest.fixture
def example(tmp_path):
    """
    The example package as if it were installed, and a copy of its documents.
    """
    site, documents = tmp_path / "site", tmp_path / "documents"
    shutil.copytree(EXAMPLE / "plain_files", site / "plain_files", ignore=shutil.ignore_patterns("__pycache__"))
    project = tomllib.loads((EXAMPLE / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    installed(site, project["name"].replace("-", "_"), project["entry-points"])
    documents.mkdir()
    for name in ("policy.yaml", "environment.yaml", "metrics.txt"):
        shutil.copy(EXAMPLE / name, documents)
    return site, documents


def test_the_example_is_validated_with_its_parameters(example):
    site, documents = example
    done = canarypolicy(site, documents, "validate", "--strict", "policy.yaml", "environment.yaml")
    assert (done.returncode, done.stderr) == (0, "2 documents: no errors\n")
    wrong = documents / "environment.yaml"
    wrong.write_text(wrong.read_text(encoding="utf-8").replace("{path: metrics.txt}", "{pth: metrics.txt}"), encoding="utf-8")
    done = canarypolicy(site, documents, "validate", "environment.yaml")
    assert done.returncode == 3
    assert "`pth`" in done.stdout + done.stderr
    assert "`path`" in done.stdout + done.stderr


def test_the_example_is_evaluated(example):
    """Errors of 3 % in the file roll back; a healthy file does not; one that nobody writes any more is no evidence."""
    site, documents = example
    evaluate = ("evaluate", "policy.yaml", "--environment", "environment.yaml")
    assert canarypolicy(site, documents, *evaluate).returncode == 5
    (documents / "metrics.txt").write_text("canary_errors 0.001\n", encoding="utf-8")
    assert canarypolicy(site, documents, *evaluate).returncode == 4
    os.utime(documents / "metrics.txt", (1_700_000_000, 1_700_000_000))
    done = canarypolicy(site, documents, *evaluate, "--format", "json")
    assert done.returncode == 4
    assert "canary.error_rate" in done.stdout.partition('"missing"')[2]
    (documents / "metrics.txt").unlink()
    done = canarypolicy(site, documents, *evaluate, "--format", "json")
    assert done.returncode == 4
    assert "cannot read its file: no such file or directory" in done.stdout


def test_the_example_has_its_pages(example):
    done = canarypolicy(*example, "explain", "plain_file")
    assert done.returncode == 0
    assert "# plain_file (sources)\n\nSignals from a text file" in done.stdout
    assert "# plain_file (actuators)\n\nTraffic by a text file" in done.stdout


def test_the_examples_actuator_moves_what_it_reads_back(example, tmp_path, monkeypatch):
    site, _ = example
    script = (
        "import os, sys\n"
        "from canarypolicy.actuators import ACTUATORS\n"
        "from canarypolicy.documents.secrets import World\n"
        "from canarypolicy.live.protocols import NotDone\n"
        "made = ACTUATORS['plain_file']\n"
        "parameters = made.Parameters.model_validate({'path': sys.argv[1]})\n"
        "traffic = made('traffic', parameters, World(variables={}, read_file=open))\n"
        "try: traffic.read_back()\n"
        "except NotDone as error: print(error.why)\n"
        "for weight in (10.0, 12.5, 33.333333, 0.0):\n"
        "    traffic.set(weight)\n"
        "    assert traffic.read_back() == weight\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "percent")],
        env={**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT), str(site)))},
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "actuator `traffic` cannot read its file: no such file or directory\n"
    assert (tmp_path / "percent").read_text() == "0.0\n"


BROKEN = {
    "cannot be imported": (
        "import nowhere_at_all",
        {"mine": "plug:Mine"},
        "the plug-in `mine` of `canarypolicy.sources` cannot be loaded: ModuleNotFoundError in `plug:Mine`",
    ),
    "raises with a secret": (
        "raise RuntimeError('hunter2')",
        {"mine": "plug:Mine"},
        "the plug-in `mine` of `canarypolicy.sources` cannot be loaded: RuntimeError in `plug:Mine`",
    ),
    "ends the process": (
        "raise SystemExit(0)",
        {"mine": "plug:Mine"},
        "the plug-in `mine` of `canarypolicy.sources` cannot be loaded: SystemExit in `plug:Mine`",
    ),
    "has no such class": (
        GOOD,
        {"mine": "plug:Yours"},
        "the plug-in `mine` of `canarypolicy.sources` cannot be loaded: AttributeError in `plug:Yours`",
    ),
    "has another name": (
        GOOD,
        {"yours": "plug:Mine"},
        "the plug-in `yours` of `canarypolicy.sources` is no member of its kind: `plug:Mine` has no `Parameters`, or another `name`",
    ),
    "has no parameters": (
        "class Mine:\n    name = 'mine'\n",
        {"mine": "plug:Mine"},
        "the plug-in `mine` of `canarypolicy.sources` is no member of its kind: `plug:Mine` has no `Parameters`, or another `name`",
    ),
    "has parameters of another kind": (
        "class Mine:\n    name = 'mine'\n    Parameters = dict\n",
        {"mine": "plug:Mine"},
        "the plug-in `mine` of `canarypolicy.sources`: its `Parameters` is no subclass of `PartParameters`",
    ),
    "has the name of a built-in member": (
        GOOD.replace("'mine'", "'prometheus'"),
        {"prometheus": "plug:Mine"},
        "the plug-in `prometheus` of `canarypolicy.sources` has the name of a built-in member",
    ),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_plug_in_is_an_error_and_no_traceback(case, tmp_path):
    text, entries, message = BROKEN[case]
    (tmp_path / "plug.py").write_text(text, encoding="utf-8")
    (tmp_path / "e.yaml").write_text(ENVIRONMENT, encoding="utf-8")
    shutil.copy(EXAMPLE / "policy.yaml", tmp_path)
    installed(tmp_path, "broken", {"canarypolicy.sources": entries})
    for arguments in (("validate", "e.yaml"), ("evaluate", "policy.yaml", "--environment", "e.yaml")):
        done = canarypolicy(tmp_path, tmp_path, *arguments)
        assert done.returncode == 1, done.stderr
        assert done.stderr.splitlines()[0] == f"canarypolicy: error: {message}"
        assert "Traceback" not in done.stderr
        assert "hunter2" not in done.stderr


def test_a_plug_in_that_two_packages_bring_is_an_error(tmp_path):
    (tmp_path / "plug.py").write_text(GOOD, encoding="utf-8")
    (tmp_path / "e.yaml").write_text(ENVIRONMENT, encoding="utf-8")
    for name in ("one", "two"):
        installed(tmp_path, name, {"canarypolicy.sources": {"mine": "plug:Mine"}})
    done = canarypolicy(tmp_path, tmp_path, "validate", "e.yaml")
    assert done.returncode == 1
    assert done.stderr == "canarypolicy: error: the plug-in `mine` of `canarypolicy.sources` is installed twice\n"


def test_an_actuator_and_a_backup_of_one_name_have_one_model(tmp_path):
    both = HEAD + "class Both(PartParameters):\n    @property\n    def is_backup(self):\n        return False\n"
    other = both + GOOD.removeprefix(HEAD).replace("Parameters = PartParameters", "Parameters = Both")
    (tmp_path / "plug.py").write_text(GOOD, encoding="utf-8")
    (tmp_path / "other.py").write_text(other, encoding="utf-8")
    (tmp_path / "e.yaml").write_text(ENVIRONMENT.replace("{mine: {}}", "{prometheus: {url: 'http://a'}}"), encoding="utf-8")
    for backup in ("other", "plug"):
        installed(
            tmp_path / backup,
            "both",
            {"canarypolicy.actuators": {"mine": "plug:Mine"}, "canarypolicy.backups": {"mine": f"{backup}:Mine"}},
        )
        shutil.copy(tmp_path / "plug.py", tmp_path / backup)
        shutil.copy(tmp_path / "other.py", tmp_path / backup)
        done = canarypolicy(tmp_path / backup, tmp_path, "validate", "e.yaml")
        assert done.returncode == 1
        assert "the name `mine` is that of an actuator and of a backup, which do not share parameters" in done.stderr
    installed(
        tmp_path / "one",
        "both",
        {"canarypolicy.actuators": {"mine": "other:Mine"}, "canarypolicy.backups": {"mine": "other:Mine"}},
    )
    shutil.copy(tmp_path / "other.py", tmp_path / "one")
    assert canarypolicy(tmp_path / "one", tmp_path, "validate", "e.yaml").returncode == 0


def test_policies_alone_need_no_plug_in(tmp_path):
    """A broken plug-in stands in nobody's way who does not read an Environment."""
    installed(tmp_path, "broken", {"canarypolicy.sources": {"mine": "nowhere:Mine"}})
    shutil.copy(EXAMPLE / "policy.yaml", tmp_path)
    for format_ in ("text", "sarif"):
        assert canarypolicy(tmp_path, tmp_path, "validate", "policy.yaml", "--format", format_).returncode == 0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            GOOD + "    def __init__(self, label, parameters, world):\n        raise KeyError('hunter2')\n",
            "canarypolicy: error: actuator `traffic`: `mine` cannot be made: KeyError",
        ),
        (
            GOOD + "    def __init__(self, label, parameters, world): pass\n    def read_back(self): raise KeyError('hunter2')\n",
            "canarypolicy: error: the traffic's weight cannot be read: a fault in it: KeyError",
        ),
    ],
    ids=["made", "asked"],
)
def test_an_actuator_that_breaks_in_a_run_is_an_error_and_no_traceback(text, message, tmp_path):
    (tmp_path / "plug.py").write_text(text, encoding="utf-8")
    (tmp_path / "e.yaml").write_text(
        ENVIRONMENT.partition("sources:")[0]
        + "store: sqlite:///store.db\nsignals: {canary.error_rate: {manual: 0.0}}\nactuators: {traffic: {mine: {}}}\n",
        encoding="utf-8",
    )
    shutil.copy(EXAMPLE / "policy.yaml", tmp_path)
    installed(tmp_path, "broken", {"canarypolicy.actuators": {"mine": "plug:Mine"}})
    done = canarypolicy(tmp_path, tmp_path, "run", "policy.yaml", "e.yaml")
    assert done.returncode == 1
    assert message in done.stderr.splitlines()
    assert "Traceback" not in done.stderr
    assert "hunter2" not in done.stderr
