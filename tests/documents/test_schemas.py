from typing import Any

import pytest
from canarypolicy.documents.schemas import SCHEMAS, schema_text, structure_of

POLICY = SCHEMAS["rollout-policy"]()


def test_a_schema_is_made_once():
    """It is asked for with every document."""
    assert SCHEMAS["rollout-policy"]() is SCHEMAS["rollout-policy"]()


def test_keys_of_mappings_are_checked():
    """A signal's name that is none is a fault for editors too."""
    names = POLICY["properties"]["signals"]["propertyNames"]
    assert names["pattern"].startswith("^(")
    assert POLICY["properties"]["signals"]["additionalProperties"] == {"$ref": "#/$defs/Signal"}


def test_null_is_allowed_where_it_means_something_only():
    """An open bound is null; no key is left out by a null."""
    signal = POLICY["$defs"]["Signal"]["properties"]
    assert signal["range"]["prefixItems"] == [{"type": ["number", "null"]}] * 2
    assert signal["max_age"]["type"] == "string"
    assert "default" not in signal["worse"]
    assert signal["type"]["default"] == "double"


def test_alternatives_of_plain_types_are_one_list():
    """An int is a number."""
    assert POLICY["$defs"]["Signal"]["properties"]["healthy"]["type"] == ["boolean", "number", "string"]


def test_a_schema_ends_with_a_line_break():
    """It is a text file."""
    assert schema_text(POLICY).endswith("}\n")


@pytest.mark.parametrize("name", SCHEMAS)
def test_structure_is_judged_by_what_is_published(name):
    """Only texts for people are left out of it."""
    assert without_texts(structure_of(name)) == without_texts(SCHEMAS[name]())
    assert structure_of(name) is structure_of(name)


def without_texts(schema: Any) -> Any:
    if isinstance(schema, dict):
        return {key: without_texts(each) for key, each in schema.items() if not (key == "description" and isinstance(each, str))}
    return [without_texts(each) for each in schema] if isinstance(schema, list) else schema
