"""
What a command imports: a snapshot needs neither HTTP nor columns nor a drawn page, and `--help` needs nothing.
"""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
SCRIPT = """
import json, sys
from canarypolicy.cli import run
run(sys.argv[1:])
names = {name.partition(".")[0] for name, module in sys.modules.items() if "site-packages" in (getattr(module, "__file__", None) or "")}
sys.stderr.write("\\nIMPORTED " + json.dumps(sorted(names)))
"""


def imported(*arguments):
    done = subprocess.run([sys.executable, "-c", SCRIPT, *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    return set(json.loads(done.stderr.rpartition("IMPORTED ")[2]))


def test_help_and_version_import_click_alone():
    for arguments in (["--help"], ["--version"]):
        assert (
            imported(*arguments) & {"pydantic", "celpy", "lark", "yaml", "jsonschema", "numpy", "httpx", "rich", "pyarrow"}
            == set()
        )


def test_evaluating_a_snapshot_imports_what_it_needs():
    names = imported("evaluate", "policies/storefront/policy.yaml", "--metrics", "examples/snapshot/healthy.json")
    assert {"click", "pydantic", "yaml", "jsonschema", "celpy"} <= names
    assert names & {"numpy", "httpx", "rich", "pyarrow", "z3", "anyio"} == set()
