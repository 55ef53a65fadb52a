"""
Tables of PolicyTests written out: values with their types, and every place kept.
"""

from __future__ import annotations

from canarypolicy.documents.for_each import expand_tables
from canarypolicy.documents.yaml_tree import read_tree

HEAD = "apiVersion: canarypolicy/v1\nkind: PolicyTest\n"


def expanded(text):
    return expand_tables(read_tree(f"{HEAD}{text}".encode(), "t.yaml"))


def test_a_value_alone_keeps_its_type_and_within_text_is_written_out():
    found = expanded(
        "tests:\n  - name: x ${a}\n    for_each: [{a: 0.5, b: true, c: [1]}, {a: 2, b: hold, c: z}]\n"
        "    deep: [{k: '${a}', '${b}': '${a}x3 ${b}', c: '${c}'}]\n"
    )
    first, second = found.tree.data["tests"]
    assert first == {"name": "x 0.5", "deep": [{"k": 0.5, "true": "0.5x3 true", "c": [1]}]}
    assert second == {"name": "x 2", "deep": [{"k": 2, "hold": "2x3 hold", "c": "z"}]}
    assert found.findings == ()


def test_a_name_without_a_column_says_its_row():
    found = expanded("tests:\n  - name: x\n    for_each: [{a: 0.5, b: yes}]\n    k: '${a}${b}'\n")
    assert found.tree.data["tests"][0]["name"] == "x (a: 0.5, b: yes)"


def test_a_row_that_is_a_value_is_underlined_where_it_stands():
    """A text that is nothing but a column points to the row; any other to where it is written."""
    found = expanded("tests:\n  - name: x\n    for_each: [{a: 0.5}]\n    k: '${a}'\n    l: ' ${a}'\n")
    assert found.tree.at(("tests", 0, "k")).text == "0.5"
    assert found.tree.at(("tests", 0, "l")).text == "' ${a}'"
    assert found.tree.key(("tests", 0, "k")).text == "k"


def test_scenarios_behind_a_table_keep_their_places():
    found = expanded("tests:\n  - {name: x, for_each: [{a: 1}, {a: 2}], k: '${a}'}\n  - {name: behind}\n  - 7\n")
    assert [found.tree.at(("tests", index)).line for index in range(4)] == [4, 4, 5, 6]
    assert found.tree.at(("tests", 2, "name")).text == "behind"
    assert found.tree.data["tests"][3] == 7


def test_what_is_no_table_is_left_for_its_structure_to_be_judged():
    for text in ("tests: 3\n", "x: 1\n", "tests:\n  - {name: x, for_each: 3}\n", "tests:\n  - {name: x, for_each: [1]}\n"):
        tree = read_tree(f"{HEAD}{text}".encode(), "t.yaml")
        found = expand_tables(tree)
        assert found.tree.data == tree.data
        assert found.findings == ()


def test_a_scenario_without_a_name_has_none_afterwards():
    found = expanded("tests:\n  - {for_each: [{a: 1}], 7: '${a}', k: '${a}'}\n")
    assert found.tree.data["tests"][0].get("name") is None


def test_other_dollars_are_text():
    found = expanded("tests:\n  - name: cost $5\n    for_each: [{a: 1}]\n    k: '$${a} ${a} {a}'\n")
    assert found.tree.data["tests"][0]["k"] == "$1 1 {a}"
