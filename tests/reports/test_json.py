"""
JSON documents and lines: stable keys, valid by the published schemas, the same value in both.
"""

import json
from pathlib import Path

import jsonschema
import pytest
from canarypolicy.history.decision_record import instant, number, seconds
from canarypolicy.reports import REPORTS
from canarypolicy.reports.json_text import json_text
from canarypolicy.reports.result import Handbook, Page, SchemaDocument
from canarypolicy.reports.result_schemas import RESULT_SCHEMAS
from hypothesis import given, settings
from hypothesis import strategies as st
from referencing import Registry, Resource

from results import evaluation, replay, validation

GOLDEN = Path(__file__).parent / "golden"
SCHEMAS = {name: make() for name, make in RESULT_SCHEMAS.items()}
REGISTRY = Registry().with_resources([(schema["$id"], Resource.from_contents(schema)) for schema in SCHEMAS.values()])


def fits(value, schema):
    jsonschema.Draft202012Validator(schema, registry=REGISTRY, format_checker=jsonschema.FormatChecker()).validate(value)


def test_a_decision(golden):
    """The keys of SPEC section 4 in their order, and no others."""
    shown = REPORTS["json"].render(evaluation(lacks_gates=True))
    golden(GOLDEN / "decision.json", shown)
    found = json.loads(shown)
    fits(found, SCHEMAS["decision"])
    assert list(found) == SCHEMAS["decision"]["required"]
    assert list(found["reasons"][0]) == SCHEMAS["decision"]["$defs"]["reason"]["required"]


def test_replayed_rollouts(golden):
    shown = REPORTS["json"].render(replay())
    golden(GOLDEN / "replay.json", shown)
    found = json.loads(shown)
    fits(found, SCHEMAS["replay"])
    assert found["rollouts"][1]["judged_without_gates"] is True
    assert "judged_without_gates" not in found["rollouts"][0]
    assert found["rollouts"][0]["against"]["first_difference"] == "2026-05-01T10:02:00Z"
    assert "first_difference" not in found["rollouts"][1]["against"]


def test_changes_only_unless_all_is_wanted():
    for shows_all, counts in ((False, [4, 1]), (True, [5, 5])):
        first = json.loads(REPORTS["json"].render(replay(shows_all=shows_all)))["rollouts"][0]
        assert [len(first["decisions"]), len(first["against"]["decisions"])] == counts


def test_a_line_of_jsonl_is_an_entry_of_rollouts():
    lines = [json.loads(line) for line in REPORTS["jsonl"].render(replay()).splitlines()]
    assert lines == json.loads(REPORTS["json"].render(replay()))["rollouts"]
    for line in lines:
        fits(line, {"$ref": "urn:canarypolicy:v1:replay#/$defs/rollout"})


def test_findings(golden):
    golden(GOLDEN / "validation.json", REPORTS["json"].render(validation()))


def test_pages_and_schemas():
    page = Page(name="mean", area="derived functions", summary="The mean.", text="# mean\n")
    assert json.loads(REPORTS["json"].render(page))["text"] == "# mean\n"
    assert [each["name"] for each in json.loads(REPORTS["json"].render(Handbook(pages=(page,))))["pages"]] == ["mean"]
    assert json.loads(REPORTS["json"].render(SchemaDocument(kind="x", schema={"type": "object"}))) == {"type": "object"}


@pytest.mark.parametrize(
    "shown", [REPORTS["json"].render(replay()), REPORTS["jsonl"].render(replay()), REPORTS["json"].render(validation())]
)
def test_it_is_ascii_whatever_is_in_it(shown):
    """Any console and any pipe can carry it, and nothing in it steers a terminal."""
    assert shown.isascii()
    assert "\x1b" not in shown


def test_a_number_that_json_does_not_know_is_a_fault_of_the_program():
    with pytest.raises(ValueError, match="JSON"):
        json_text({"margin": float("nan")})


def test_what_is_not_known_is_null():
    assert seconds(None) is None
    assert instant(None) is None
    assert seconds(1_500_000) == 1.5


@settings(deadline=None, derandomize=True)
@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_loses_nothing_but_an_empty_fraction(value):
    assert number(value) == value
    assert json.loads(json_text(number(value))) == value
