"""
What tests of the room share: a scenario from a mapping, run against a policy.
"""

from __future__ import annotations

from typing import Any

import yaml
from canarypolicy.testing.checked import CheckedPolicyTest
from canarypolicy.testing.loading import load_policy_test


def policy_test_of(*scenarios: dict[str, Any]) -> CheckedPolicyTest:
    document = {
        "apiVersion": "canarypolicy/v1",
        "kind": "PolicyTest",
        "metadata": {"name": "x"},
        "policy": "policy.yaml",
        "tests": list(scenarios),
    }
    loaded = load_policy_test(yaml.safe_dump(document, sort_keys=False).encode(), "tests.yaml")
    assert loaded.document is not None, loaded.findings
    return loaded.document
