"""
Tables of a PolicyTest: a scenario with `for_each` becomes one scenario a row, each value still known by its place.

`${column}` alone is the row's value with its type; inside a longer text it is written out. Works on the data as it is
written, so that structure and models judge what a row really says.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from canarypolicy.documents.finding import Finding
from canarypolicy.documents.wording import code, listed, suggestion

if TYPE_CHECKING:
    from canarypolicy.documents.checked import Path
    from canarypolicy.documents.span import Span
    from canarypolicy.documents.yaml_tree import Tree

_PLACEHOLDER = re.compile(r"\$\{([^}]*)\}")
_KEY = "for_each"


@dataclass(frozen=True, slots=True, kw_only=True)
class Expanded:
    """
    A document whose tables are written out.
    """

    tree: Tree
    """Paths count the scenarios that there are then; places are where it was written."""
    findings: tuple[Finding, ...]


def expand_tables(tree: Tree) -> Expanded:
    """
    Write the tables of a document out; what is no table at all is left for its structure to be judged.
    """
    tests = tree.data.get("tests") if isinstance(tree.data, dict) else None
    if not isinstance(tests, list):
        return Expanded(tree=tree, findings=())
    growth = _Growth(tree=tree)
    for index, test in enumerate(tests):
        growth.add(index, test)
    kept = {path: span for path, span in tree.places.items() if path[:1] != ("tests",) or len(path) == 1}
    expanded = replace(
        tree,
        data={**tree.data, "tests": growth.tests},
        places={**kept, **growth.places},
        keys={**{path: span for path, span in tree.keys.items() if path[:1] != ("tests",) or len(path) == 1}, **growth.keys},
        blocks=frozenset({*(path for path in tree.blocks if path[:1] != ("tests",) or len(path) == 1), *growth.blocks}),
    )
    return Expanded(tree=expanded, findings=tuple(growth.findings))


@dataclass(slots=True, kw_only=True)
class _Growth:
    """
    The scenarios while they are written out.
    """

    tree: Tree
    tests: list[Any] = field(default_factory=list)
    places: dict[Path, Span] = field(default_factory=dict)
    keys: dict[Path, Span] = field(default_factory=dict)
    blocks: set[Path] = field(default_factory=set)
    findings: list[Finding] = field(default_factory=list)

    def add(self, index: int, test: Any) -> None:
        """
        Add a scenario, once per row of its table.
        """
        rows = _table(test)
        if not rows:
            if isinstance(test, dict) and _KEY not in test:
                self.findings += _strays(self.tree, index, test)
            self._add(index, test, {}, ())
            return
        self.findings += _wrong_columns(self.tree, index, test, rows)
        for number, row in enumerate(rows):
            written = {key: value for key, value in test.items() if key != _KEY}
            name = written.get("name")
            if isinstance(name, str) and not _PLACEHOLDER.search(name):
                written["name"] = f"{name} ({', '.join(f'{key}: {_written(value)}' for key, value in row.items())})"
            self._add(index, written, row, ("tests", index, _KEY, number))

    def _add(self, index: int, test: Any, row: Mapping[str, Any], row_path: Path) -> None:
        place = len(self.tests)
        self.tests.append(self._fill(test, ("tests", index), ("tests", place), (row, row_path)))

    def _fill(self, data: Any, was: Path, path: Path, from_row: tuple[Mapping[str, Any], Path]) -> Any:
        """
        Copy data with its places, and the row's values in it; what is nothing but a row's value has its place there.
        """
        row, row_path = from_row
        whole = _PLACEHOLDER.fullmatch(data) if isinstance(data, str) else None
        if whole is not None and whole[1] in row:
            self.places[path] = self.tree.places[*row_path, whole[1]]
        else:
            self.places[path] = self.tree.places[was]
        if was in self.tree.keys:
            self.keys[path] = self.tree.keys[was]
        if was in self.tree.blocks:
            self.blocks.add(path)
        if isinstance(data, dict):
            filled = {}
            for key, value in data.items():
                name = _written(_filled(key, row))
                filled[name] = self._fill(value, (*was, key), (*path, name), from_row)
            return filled
        if isinstance(data, list):
            return [self._fill(each, (*was, index), (*path, index), from_row) for index, each in enumerate(data)]
        return _filled(data, row)


def _table(test: Any) -> list[dict[str, Any]]:
    """
    Give the rows of a scenario's table; what is written as none has no rows.
    """
    rows = test.get(_KEY) if isinstance(test, dict) else None
    return rows if isinstance(rows, list) and all(isinstance(row, dict) and row for row in rows) else []


def _filled(data: Any, row: Mapping[str, Any]) -> Any:
    if not isinstance(data, str) or not row:
        return data
    whole = _PLACEHOLDER.fullmatch(data)
    if whole is not None and whole[1] in row:
        return row[whole[1]]
    return _PLACEHOLDER.sub(lambda found: _written(row[found[1]]) if found[1] in row else found[0], data)


def _written(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _placeholders(data: Any, path: Path) -> Iterator[tuple[str, Path, bool, tuple[int, int]]]:
    """
    Give each placeholder below a path: its column, its path, whether it stands in a key, and where in the text.
    """
    if isinstance(data, str):
        yield from ((found[1], path, False, found.span()) for found in _PLACEHOLDER.finditer(data))
    elif isinstance(data, dict):
        for key, value in data.items():
            yield from ((found[1], (*path, key), True, found.span()) for found in _PLACEHOLDER.finditer(key))
            yield from _placeholders(value, (*path, key))
    elif isinstance(data, list):
        for index, each in enumerate(data):
            yield from _placeholders(each, (*path, index))


def _place(tree: Tree, path: Path, where: tuple[int, int], *, in_key: bool) -> Span:
    return tree.key(path) if in_key else tree.embedded(path).place(*where)


def _wrong_columns(tree: Tree, index: int, test: Mapping[str, Any], rows: list[dict[str, Any]]) -> Iterator[Finding]:
    """
    Find placeholders without a column, columns without a placeholder, and rows that lack a column.
    """
    base: Path = ("tests", index)
    columns = list(dict.fromkeys(key for row in rows for key in row))
    used = list(_placeholders({key: value for key, value in test.items() if key != _KEY}, base))
    for name, path, in_key, where in used:
        if name not in columns:
            yield Finding(
                name="unknown-placeholder",
                message=f"there is no column {code(name)} in `for_each`",
                span=_place(tree, path, where, in_key=in_key),
                help=suggestion(name, columns, "columns"),
            )
    for place, row in enumerate(rows):
        absent = [column for column in columns if column not in row]
        if absent:
            at = tree.at((*base, _KEY, place))
            yield Finding(name="missing-column", message=f"the row lacks {listed(absent)}", span=at)
    named = {name for name, *_ in used}
    for column in columns:
        if column not in named:
            first = next(place for place, row in enumerate(rows) if column in row)
            yield Finding(
                name="unused-column",
                message=f"nothing in the scenario says {code(f'${{{column}}}')}",
                span=tree.key((*base, _KEY, first, column)),
                help="use it, or leave the column out",
            )


def _strays(tree: Tree, index: int, test: Mapping[str, Any]) -> Iterator[Finding]:
    for name, path, in_key, where in _placeholders(test, ("tests", index)):
        yield Finding(
            name="unknown-placeholder",
            message=f"{code(f'${{{name}}}')} stands for a column of `for_each`, and the scenario has none",
            span=_place(tree, path, where, in_key=in_key),
        )
