"""
Tables of kinds: sorted, documented, and nothing in a kind's folder is in no table.
"""

import ast
from pathlib import Path

import pytest
from canarypolicy.commands import COMMANDS
from canarypolicy.derived import DERIVED
from canarypolicy.kinds import by_name
from canarypolicy.lints import LINTS
from canarypolicy.reports import REPORTS
from canarypolicy.sources import SOURCES

PACKAGE = Path(__file__).parent.parent / "canarypolicy"


@pytest.mark.parametrize(
    "table", [COMMANDS, DERIVED, LINTS, REPORTS, SOURCES], ids=["commands", "derived", "lints", "reports", "sources"]
)
def test_tables_are_sorted_and_names_are_keys(table):
    assert list(table) == sorted(table)
    assert all(member.name == name for name, member in table.items())


@pytest.mark.parametrize(
    ("folder", "table"), [("commands", COMMANDS), ("derived", DERIVED), ("lints", LINTS), ("sources", SOURCES)]
)
def test_every_member_has_a_file_of_its_name(folder, table):
    for name in table:
        assert (PACKAGE / folder / f"{name.replace('-', '_')}.py").exists(), name


def test_every_lint_module_is_in_the_table():
    for path in (PACKAGE / "lints").glob("*.py"):
        has_lint = any(
            isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and getattr(node.value.func, "id", "") == "Lint"
            for node in ast.parse(path.read_text(encoding="utf-8")).body
        )
        assert has_lint == (path.stem.replace("_", "-") in LINTS), path.name


def test_every_module_says_what_lives_in_it():
    for path in PACKAGE.rglob("*.py"):
        assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))), path.name


def test_a_name_given_twice_is_refused():
    with pytest.raises(ValueError, match="two members are called `mean`"):
        by_name(DERIVED["mean"], DERIVED["mean"])
