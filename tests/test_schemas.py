"""
The published schemas are those that the models give, and editors and jsonschema can use them.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from canarypolicy.documents.schemas import SCHEMAS, schema_text
from canarypolicy.documents.yaml_tree import read_tree
from canarypolicy.reports.result_schemas import RESULT_SCHEMAS
from jsonschema import Draft202012Validator

ROOT = Path(__file__).parents[1]
PUBLISHED = ROOT / "schemas" / "v1"
ALL = {**SCHEMAS, **RESULT_SCHEMAS}


@pytest.mark.parametrize("name", ALL)
def test_a_published_schema_is_what_is_generated(name, golden):
    """An installed package, which has no `schemas/`, checks by the same contract as an editor."""
    golden(PUBLISHED / f"{name}.schema.json", schema_text(ALL[name]()))


def test_nothing_else_is_published():
    """A schema that no model gives any more is not left lying about."""
    assert {path.name for path in PUBLISHED.iterdir()} == {f"{name}.schema.json" for name in ALL}


@pytest.mark.parametrize("name", ALL)
def test_a_schema_is_a_schema(name):
    """It follows its dialect, and says which one that is and what it is called."""
    schema = json.loads(schema_text(ALL[name]()))
    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$id"] == f"urn:canarypolicy:v1:{name}"
    assert schema["description"]


@pytest.mark.parametrize("case", ["valid_contract", "valid_every_feature"])
def test_a_valid_policy_meets_the_published_schema(case):
    """What `validate` lets pass, an editor does not underline."""
    schema = json.loads((PUBLISHED / "rollout-policy.schema.json").read_text(encoding="utf-8"))
    policy = ROOT / "tests" / "cases" / "documents" / case / "policy.yaml"
    Draft202012Validator(schema).validate(read_tree(policy.read_bytes(), "policy.yaml").data)


def test_a_forgotten_value_meets_no_schema():
    """`max:` with nothing behind it is no way of leaving `max` out."""
    schema = SCHEMAS["rollout-policy"]()
    step = {**schema["$defs"]["Step"], "$defs": schema["$defs"]}
    validator = Draft202012Validator(step)
    assert validator.is_valid({"name": "full", "weight": 100, "min": "5m"})
    assert not validator.is_valid({"name": "full", "weight": 100, "min": "5m", "max": None})
