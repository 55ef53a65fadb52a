"""
The plug-in for pytest, as a team has it: PolicyTests beside its own tests, and no trace of it elsewhere.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def run_pytest(folder, *arguments):
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "COV_"))}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:xdist", "-p", "no:cov", "-p", "no:hypothesispytest", *arguments],
        cwd=folder, capture_output=True, text=True, check=False, env=environment,
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


@pytest.fixture
def suite(tmp_path):
    for name in ("policy.yaml", "tests.yaml"):
        shutil.copy(ROOT / "policies" / "storefront" / name, tmp_path / name)
    (tmp_path / "test_own.py").write_text("def test_own():\n    pass\n", encoding="utf-8")
    return tmp_path


def test_the_storefronts_tests_run_beside_others(suite):
    """With their names as ids, chosen by `-k` as any."""
    status, told = run_pytest(suite, "-q", "-rA")
    assert status == 0, told
    assert "PASSED tests.yaml::a healthy rollout goes through all steps" in told
    assert "PASSED test_own.py::test_own" in told
    status, told = run_pytest(suite, "-q", "-k", "healthy", "--collect-only")
    assert "tests.yaml: 1" in told or "tests.yaml::a healthy rollout goes through all steps" in told


def test_a_failure_reads_as_that_of_the_command(suite):
    text = (suite / "tests.yaml").read_text(encoding="utf-8").replace("{outcome: complete}", "{outcome: rolled-back}", 1)
    (suite / "tests.yaml").write_text(text, encoding="utf-8")
    status, told = run_pytest(suite, "-q")
    assert status == 1
    assert "error[wrong-outcome]: expected rolled-back, found complete" in told
    assert "FAILED tests.yaml::a healthy rollout goes through all steps" in told
    assert "Traceback" not in told
    assert "pytest_plugin.py" not in told


def test_a_mistake_is_told_with_its_place(suite):
    text = (suite / "tests.yaml").read_text(encoding="utf-8").replace("canary.error_rate_5xx:", "canary.eror_rate_5xx:", 1)
    (suite / "tests.yaml").write_text(text, encoding="utf-8")
    status, told = run_pytest(suite, "-q")
    assert status == 2
    assert "error[undeclared-signal]: signal `canary.eror_rate_5xx` is not declared" in told
    (suite / "policy.yaml").unlink()
    status, told = run_pytest(suite, "-q")
    assert status == 2
    assert "error[unreadable-policy]" in told


def test_files_of_others_are_left_alone(tmp_path):
    """A file that is only called like a test is none of ours, and a suite without ours loads nothing of it."""
    (tmp_path / "test.yaml").write_text("kind: PolicyTest\n", encoding="utf-8")
    (tmp_path / "x.test.yaml").write_text("apiVersion: canarypolicy/v1\nkind: RolloutPolicy\n", encoding="utf-8")
    (tmp_path / "policies.yaml").write_text("apiVersion: canarypolicy/v1\nkind: PolicyTest\n", encoding="utf-8")
    (tmp_path / "test_own.py").write_text(
        "import sys\n\ndef test_own():\n    ours = {name for name in sys.modules if name.startswith('canarypolicy')}\n"
        "    assert ours == {'canarypolicy', 'canarypolicy.pytest_plugin'}\n    assert 'celpy' not in sys.modules and 'pydantic' not in sys.modules\n",
        encoding="utf-8",
    )
    status, told = run_pytest(tmp_path, "-q")
    assert status == 0, told
    assert "1 passed" in told


def test_a_folder_elsewhere_is_named_in_full(suite, tmp_path_factory):
    status, told = run_pytest(tmp_path_factory.mktemp("elsewhere"), "-q", str(suite / "tests.yaml"))
    assert status == 0, told
