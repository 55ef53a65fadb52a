"""
A YAML document as plain data, with the place of every value and every key.

What the data means, and whether any of it is right, is for `structure` and `meaning`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from canarypolicy.documents.embedding import embed
from canarypolicy.documents.yaml_nodes import (
    DEEPEST,
    MOST_VALUES,
    AliasNode,
    Composer,
    Node,
    ScalarNode,
    SequenceNode,
)
from canarypolicy.documents.yaml_text import LARGEST, read_text, stop
from canarypolicy.errors import InvalidInput

if TYPE_CHECKING:
    from canarypolicy.documents.checked import Path
    from canarypolicy.documents.finding import Finding
    from canarypolicy.documents.span import Embedded, SourceText, Span

LONGEST = 4 * LARGEST
"""How many characters all values may have together when aliases are written out."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Tree:
    """
    A document's data, and where everything in it is written.
    """

    source: SourceText
    data: Any
    places: Mapping[Path, Span]
    """Where each value stands; an alias's value stands at its anchor."""
    keys: Mapping[Path, Span]
    """Where the key of each value in a mapping stands."""
    blocks: frozenset[Path]
    """The lists and mappings that are written without brackets."""
    findings: tuple[Finding, ...]
    """Faults behind which the rest could still be read."""

    def embedded(self, path: Path) -> Embedded:
        """
        Give the text at a path with the place of each of its characters.
        """
        text = self.data
        for key in path:
            text = text[key]
        return embed(text, self.places[path])

    def at(self, path: Path) -> Span:
        """
        Give the place to underline for a value, or for the nearest thing around it that is written.

        A mapping without brackets is known by its key, and so is a value of which nothing is written.
        """
        while path not in self.places:
            path = path[:-1]
        span = self.places[path]
        is_without_shape = path in self.blocks or span.start == span.end
        return self.keys.get(path, span) if is_without_shape else span

    def key(self, path: Path) -> Span:
        """
        Give the place of a value's key.
        """
        return self.keys[path]


def read_tree(data: bytes, path: str) -> Tree:
    """
    Read one YAML document; what is no document at all is `InvalidInput`.
    """
    composer = Composer(read_text(data, path))
    try:
        return _tree(composer)
    except InvalidInput as invalid:
        raise InvalidInput((*composer.findings, *invalid.findings)) from None


def _tree(composer: Composer) -> Tree:
    source, root = composer.source, composer.compose()
    if root is None or (isinstance(root, ScalarNode) and root.value is None):
        raise stop(
            "empty-document", "the file holds no document", source.span(0, 0),
            "a document begins with `apiVersion: canarypolicy/v1` and its `kind`",
        )  # fmt: skip
    growth = _Growth(source=source)
    plain = growth.expand(root, (), None)
    return Tree(
        source=source,
        data=plain,
        places=growth.places,
        keys=growth.keys,
        blocks=frozenset(growth.blocks),
        findings=tuple(composer.findings),
    )


@dataclass(slots=True, kw_only=True)
class _Growth:
    """
    The tree while it grows: aliases are written out, within limits.
    """

    source: SourceText
    places: dict[Path, Span] = field(default_factory=dict)
    keys: dict[Path, Span] = field(default_factory=dict)
    blocks: set[Path] = field(default_factory=set)
    length: int = 0

    def expand(self, node: Node, path: Path, alias: AliasNode | None) -> Any:
        """
        Give the plain data of a node; `alias` is the outermost alias around it.
        """
        while isinstance(node, AliasNode):
            alias = alias or node
            node = node.target
        span = self.source.span(node.start, node.end)
        self.places[path] = span
        self._check(path, span, alias)
        if isinstance(node, ScalarNode):
            self.length += len(node.text)
            return node.value
        if not node.is_flow:
            self.blocks.add(path)
        if isinstance(node, SequenceNode):
            return [self.expand(item, (*path, index), alias) for index, item in enumerate(node.items)]
        return {name: self._entry(entry, (*path, name), alias) for name, entry in node.entries.items()}

    def _entry(self, entry: tuple[ScalarNode, Node], path: Path, alias: AliasNode | None) -> Any:
        key, value = entry
        self.keys[path] = self.source.span(key.start, key.end)
        self.length += len(key.text)
        return self.expand(value, path, alias)

    def _check(self, path: Path, span: Span, alias: AliasNode | None) -> None:
        if len(path) > DEEPEST:
            raise stop("too-deep", f"lists and mappings lie more than {DEEPEST} deep in one another here", span)
        if alias is not None and (len(self.places) > MOST_VALUES or self.length > LONGEST):
            raise stop(
                "alias-bomb", f"aliases make more than {MOST_VALUES:,} values or {LONGEST:,} characters of this document",
                self.source.span(alias.start, alias.end), "write the values out",
            )  # fmt: skip
        if len(self.places) > MOST_VALUES:
            raise stop("too-many-values", f"the document holds more than {MOST_VALUES:,} values", span)
