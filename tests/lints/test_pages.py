"""
Every lint's page is run: what it advises against is reported, what it prefers is silent.
"""

import re
from pathlib import Path

import pytest
import yaml
from canarypolicy.commands.explain import pages
from canarypolicy.documents.loading import load_policy
from canarypolicy.lints import LINTS, check

PACKAGE = Path(__file__).parents[2] / "canarypolicy"

SIGNALS = {
    "canary.error_rate": {"unit": "ratio", "range": [0, 1], "healthy": 0.002},
    "canary.latency": {"unit": "seconds", "range": [0, 60], "healthy": 0.2},
    "canary.errors": {"unit": "count", "range": [0, None], "healthy": 5.0},
    "canary.requests": {"unit": "count", "range": [0, None], "healthy": 3000.0},
    "canary.success_percent": {"unit": "percent", "range": [0, 100], "healthy": 99.5},
    "canary.retries": {"unit": "count", "range": [0, None], "healthy": 0},
}
BASE = {
    "apiVersion": "canarypolicy/v1",
    "kind": "RolloutPolicy",
    "metadata": {"name": "page"},
    "slos": [{"name": "base", "require": "canary.error_rate < 0.03"}],
    "plan": {
        "every": "30s",
        "steps": [
            {"name": "canary-10", "weight": 10, "min": "20m", "max": "30m"},
            {"name": "full", "weight": 100, "min": "60m"},
        ],
    },
}


def completed(fragment):
    """Complete a page's fragment to a policy; only the signals that it names are declared."""
    written = yaml.safe_load(fragment)
    policy = {**BASE, **{key: value for key, value in written.items() if key != "plan"}}
    policy["plan"] = {**BASE["plan"], **written.get("plan", {})}
    used = {name: signal for name, signal in SIGNALS.items() if re.search(rf"{re.escape(name)}\b", f"{fragment}{policy['slos']}")}
    policy["signals"] = {**used, **written.get("signals", {})}
    return yaml.safe_dump(policy)


def reported(text):
    loaded = load_policy(text.encode(), "policy.yaml")
    assert loaded.document is not None, loaded.findings
    return {finding.name for finding in check(loaded.document)}


def block(lint, title):
    (found,) = re.findall(rf"{title}:\n\n((?:    .*\n|\n)+)", lint.page + "\n")
    return found


@pytest.mark.parametrize("name", LINTS)
def test_avoid_is_reported_and_prefer_is_silent(name):
    lint = LINTS[name]
    assert name in reported(completed(block(lint, "Avoid")))
    assert name not in reported(completed(block(lint, "Prefer")))


@pytest.mark.parametrize("name", LINTS)
def test_the_name_leads_to_the_file(name):
    assert LINTS[name].find.__module__ == f"canarypolicy.lints.{name.replace('-', '_')}"


NAMES = re.compile(r'(?:\bname=|\bfault\(\s*|\bFault\(\s*name=|_warning\(\s*|BadLine\(\s*|\bname, *)"([a-z]+(?:-[a-z0-9]+)+)"')


def test_every_finding_that_the_code_can_give_has_a_page():
    given = set()
    for path in PACKAGE.rglob("*.py"):
        given |= set(NAMES.findall(path.read_text(encoding="utf-8")))
    assert len(given) > 80
    assert given - set(pages()) - {"date-time"} == set()


def test_every_page_has_a_summary():
    assert all(page.summary.strip() for page in pages().values())
