"""
One side of a change as it is written: its data, the place of everything, and what its parts say in comparable form.

A fact is compared by its meaning and shown by its text: `0.020` and `0.02`, `300s` and `5m`, a default and the same written
out are equal.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from canarypolicy.cel.stack import deep_stack
from canarypolicy.cel.unparse import unparse
from canarypolicy.documents.wording import LONGEST
from canarypolicy.documents.yaml_tree import read_tree

if TYPE_CHECKING:
    from canarypolicy.documents.checked import CheckedPolicy, Path
    from canarypolicy.documents.span import Span

_BEFORE_DIFFERENCE = 20
"""How many characters of a long text are shown before the place where two of them part."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """
    What a part of a document says under one key, or under some that belong together.
    """

    keys: tuple[str, ...]
    """What is written, the key that names the fact first."""
    value: Any
    """What it means; equal facts have equal values."""
    text: str | None
    """How it is written, a default included; None: it is not there."""


Facts: TypeAlias = Mapping[str, Fact]


def values_of(facts: Facts) -> dict[str, Any]:
    """
    Leave of facts what they mean.
    """
    return {key: fact.value for key, fact in facts.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """
    One of the two policies.
    """

    checked: CheckedPolicy
    data: Any
    """The document as plain data."""

    def at(self, path: Path) -> Any:
        """
        Give what is written at a path; None if nothing is.
        """
        found = self.data
        for key in path:
            if isinstance(found, list) and isinstance(key, int):
                found = found[key]
            elif isinstance(found, dict):
                found = found.get(key)
            else:
                return None
        return found

    def span(self, path: Path) -> Span | None:
        return self.checked.places.get(path)

    def start_of(self, path: Path) -> int:
        """
        Give where something begins or, if it is not there, where the nearest thing around it does.
        """
        while path not in self.checked.places:
            path = path[:-1]
        return self.checked.places[path].start

    def end_of(self, path: Path) -> int:
        """
        Give where something ends or, if it is not there, where the document does.
        """
        span = self.span(path)
        return len(self.checked.source.text) if span is None else span.end

    def fact(self, path: Path, key: str, value: Any, default: str | None = None) -> Fact:
        """
        Give the fact under one key.
        """
        written = self.at((*path, key))
        return Fact(keys=(key,), value=value, text=default if written is None else flow(written))

    def expression(self, path: Path, key: str) -> Fact:
        """
        Give the fact that an expression is, compared by its canonical text; None is the value of one that is not there.
        """
        expression = self.checked.expressions.get((*path, key))
        if expression is None:
            return Fact(keys=(key,), value=None, text=None)
        with deep_stack():
            canonical = unparse(expression.tree)
        return Fact(keys=(key,), value=canonical, text=flow(expression.text))


def side_of(checked: CheckedPolicy) -> Side:
    """
    Read a checked policy's text once more, for the data that it was made from.
    """
    tree = read_tree(checked.source.text.encode(), checked.source.path)
    return Side(checked=checked, data=tree.data)


def flow(value: Any) -> str:
    """
    Write plain data on one line, as YAML's flow style does.
    """
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case str():
            return " ".join(value.split())
        case list():
            return f"[{', '.join(flow(item) for item in value)}]"
        case dict():
            return f"{{{', '.join(f'{key}: {flow(item)}' for key, item in value.items())}}}"
        case _:
            return repr(value)


def apart(old: str, new: str) -> tuple[str, str]:
    """
    Put two texts in backticks, long ones cut so that where they part is seen.
    """
    parting = next((index for index, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))
    start = parting - _BEFORE_DIFFERENCE if max(len(old), len(new)) > LONGEST and parting > _BEFORE_DIFFERENCE else 0
    return _cut(old, start), _cut(new, start)


def _cut(text: str, start: int) -> str:
    shown = f"...{text[start:]}" if start else text
    return f"`{shown}`" if len(shown) <= LONGEST else f"`{shown[: LONGEST - 3]}...`"
