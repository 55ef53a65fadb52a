"""
The published schema of PolicyTests bears tables; what is checked is the same without them.
"""

from __future__ import annotations

from canarypolicy.documents.placeholders import without_placeholders
from canarypolicy.documents.policytest import PolicyTest
from canarypolicy.documents.schemas import SCHEMAS, schema_of
from canarypolicy.documents.yaml_tree import read_tree
from jsonschema import Draft202012Validator

TABLE = b"""
apiVersion: canarypolicy/v1
kind: PolicyTest
metadata: {name: x}
policy: p.yaml
tests:
  - name: ${a}
    for_each: [{a: 1}]
    every: ${a}
    series: {'${a}': '${a}x3'}
    events: [{at: '${a}', event: gate, gate: '${a}', passed: '${a}', result: {passed: '${a}'}}]
    expect: [{at: '${a}', decision: '${a}', because: ['${a}'], values: {a.b: {value: '${a}', within: '${a}'}}}, {never: '${a}', between: ['${a}', '${a}']}]
"""


def faults(schema, text):
    return [error.message for error in Draft202012Validator(schema).iter_errors(read_tree(text, "t.yaml").data)]


def test_an_editor_bears_a_placeholder_wherever_a_value_stands():
    assert faults(SCHEMAS["policy-test"](), TABLE) == []


def test_an_editor_finds_what_is_neither_value_nor_placeholder():
    for wrong in (b"decision: '${a}'", b"event: gate", b"within: '${a}'"):
        key = wrong.partition(b":")[0]
        assert faults(SCHEMAS["policy-test"](), TABLE.replace(wrong, key + b": 'oops'"))


def test_without_them_it_is_what_the_models_give():
    assert without_placeholders(SCHEMAS["policy-test"]()) == schema_of(PolicyTest, "policy-test")
