"""
What a command imports: `--help` needs nothing, and a policy that was compiled before needs none of what checks it.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SCRIPT = """
import json, sys
from canarypolicy.cli import run
run(sys.argv[1:])
names = {name.partition(".")[0] for name, module in sys.modules.items() if "site-packages" in (getattr(module, "__file__", None) or "")}
own = {name for name in sys.modules if name.startswith("canarypolicy.")}
sys.stderr.write("\\nIMPORTED " + json.dumps([sorted(names), sorted(own)]))
"""
HEAVY = {"pydantic", "pydantic_core", "celpy", "lark", "yaml", "jsonschema", "numpy", "httpx", "rich", "pyarrow", "z3", "re2"}
SNAPSHOT = ("evaluate", "policies/storefront/policy.yaml", "--metrics", "examples/snapshot/healthy.json")
ROOMS_OF_CHECKING = ("canarypolicy.lints", "canarypolicy.review", "canarypolicy.live", "canarypolicy.documents.loading")


def started(*arguments, cache="off"):
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, *arguments],
        cwd=ROOT, capture_output=True, text=True, check=False, env={**os.environ, "CANARYPOLICY_CACHE": str(cache)},
    )  # fmt: skip
    told, _, names = done.stderr.rpartition("\nIMPORTED ")
    return (done.stdout, told, done.returncode), *map(set, json.loads(names))


def imported(*arguments, cache="off"):
    return started(*arguments, cache=cache)[1] - {"coverage", "a1_coverage"}


def test_help_and_version_import_click_alone():
    assert imported("--help") - {"_distutils_hack", "colorama"} == {"click"}
    assert imported("--version") - {"_distutils_hack", "colorama"} == {"click"}


def test_evaluating_a_snapshot_imports_what_it_needs():
    names = imported(*SNAPSHOT)
    assert {"click", "pydantic", "yaml", "jsonschema", "celpy"} <= names
    assert names & {"numpy", "httpx", "rich", "pyarrow", "z3", "anyio", "sqlalchemy"} == set()


@pytest.mark.parametrize("more", [(), ("--format", "json"), ("--format", "github"), ("--explain",)], ids=" ".join)
def test_a_policy_that_was_compiled_before_needs_click_alone(tmp_path, more):
    """And it says the same, byte for byte, with the same status."""
    uncached, _, _ = started(*SNAPSHOT, *more)
    first, checking, _ = started(*SNAPSHOT, *more, cache=tmp_path)
    again, names, own = started(*SNAPSHOT, *more, cache=tmp_path)
    assert "pydantic" in checking
    assert names & HEAVY == set()
    assert names - {"_distutils_hack", "colorama", "coverage", "a1_coverage"} == {"click"}
    assert not {name for name in own if name.startswith(ROOMS_OF_CHECKING)}
    assert uncached == first == again


def test_validating_imports_neither_sources_nor_the_store():
    names = imported("validate", "policies/storefront/policy.yaml")
    assert names & {"numpy", "httpx", "rich", "pyarrow", "z3", "anyio", "sqlalchemy"} == set()
