"""
From YAML's events to nodes: scalars, lists and mappings with their offsets.

Composed without recursion, so that every limit holds before anything has grown.
Faults of a single key or value are collected; the value is left out, and the rest is read.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    Event,
    MappingStartEvent,
    ScalarEvent,
)

from canarypolicy.documents.finding import Finding
from canarypolicy.documents.wording import code
from canarypolicy.documents.yaml_mistakes import QUOTE_HELP, single_quoted
from canarypolicy.documents.yaml_scalars import NumberOutOfRange, Scalar, resolve
from canarypolicy.documents.yaml_text import UNPRINTABLE, events, stop

if TYPE_CHECKING:
    from canarypolicy.documents.span import SourceText, Span

DEEPEST = 64
"""How many lists and mappings may lie in one another."""
MOST_VALUES = 50_000
"""How many values a document may hold, also when its aliases are written out."""

_TAG = "tag:yaml.org,2002:"


@dataclass(slots=True, kw_only=True, eq=False)
class ScalarNode:
    """
    A scalar, its value, and where it stands.
    """

    text: str
    value: Scalar
    start: int
    end: int


@dataclass(slots=True, kw_only=True, eq=False)
class SequenceNode:
    """
    A list.
    """

    start: int
    end: int
    is_flow: bool
    items: list[Node] = field(default_factory=list)


@dataclass(slots=True, kw_only=True, eq=False)
class MappingNode:
    """
    A mapping; its keys are texts, each once.
    """

    start: int
    end: int
    is_flow: bool
    entries: dict[str, tuple[ScalarNode, Node]] = field(default_factory=dict)
    key: ScalarNode | SequenceNode | MappingNode | AliasNode | None = None
    """While it is read: the key whose value comes next."""


@dataclass(slots=True, kw_only=True, eq=False)
class AliasNode:
    """
    A second use of an anchored node.
    """

    target: Node
    start: int
    end: int


Node: TypeAlias = ScalarNode | SequenceNode | MappingNode | AliasNode
Collection: TypeAlias = SequenceNode | MappingNode


class Composer:
    """
    Takes events one by one and builds the document's node.
    """

    def __init__(self, source: SourceText) -> None:
        self.source = source
        self.findings: list[Finding] = []
        self.root: Node | None = None
        self._open: list[Collection] = []
        self._anchors: dict[str, Node] = {}
        self._documents = 0
        self._values = 0

    def compose(self) -> Node | None:
        """
        Read the whole text; what cannot be read on with is `InvalidInput`.
        """
        for event in events(self.source):
            match event:
                case DocumentStartEvent():
                    self._begin_document(event)
                case CollectionStartEvent():
                    self._begin(event)
                case CollectionEndEvent():
                    self._end(event)
                case ScalarEvent():
                    self._scalar(event)
                case AliasEvent():
                    self._alias(event)
        return self.root

    def _begin_document(self, event: Event) -> None:
        self._documents += 1
        if self._documents > 1:
            raise stop(
                "several-documents", "a second document begins here, expected one in a file", self._span(event),
                "write it into a file of its own",
            )  # fmt: skip

    def _begin(self, event: CollectionStartEvent) -> None:
        self._count(event)
        self._check_tag(event, "map" if isinstance(event, MappingStartEvent) else "seq")
        if len(self._open) == DEEPEST:
            raise stop("too-deep", f"lists and mappings lie more than {DEEPEST} deep in one another here", self._span(event))
        start, end = _offsets(event)
        kind = MappingNode if isinstance(event, MappingStartEvent) else SequenceNode
        node: Collection = kind(start=start, end=end, is_flow=bool(event.flow_style))
        self._anchor(event, node)
        self._open.append(node)

    def _end(self, event: Event) -> None:
        node = self._open.pop()
        if node.is_flow:
            node.end = _offsets(event)[1]
        self._add(node)

    def _scalar(self, event: ScalarEvent) -> None:
        self._count(event)
        span = self._span(event)
        value: Scalar = event.value
        odd = UNPRINTABLE.search(event.value)
        if odd is not None:
            self._report("control-character", f"a text holds the control character U+{ord(odd[0]):04X}", span)
        elif event.tag is not None or not event.style:
            value = self._plain(event, span)
        node = ScalarNode(text=event.value, value=value, start=span.start, end=span.end)
        self._anchor(event, node)
        self._add(node)

    def _plain(self, event: ScalarEvent, span: Span) -> Scalar:
        try:
            value = resolve(event.value) if not event.style else event.value
        except NumberOutOfRange as error:
            self._report("number-out-of-range", str(error), span)
            return error.meant
        if event.tag in (_TAG + "str", "!"):
            return event.value
        kind = {type(None): "null", bool: "bool", int: "int", float: "float"}.get(type(value), "")
        self._check_tag(event, kind)
        return value

    def _alias(self, event: AliasEvent) -> None:
        self._count(event)
        span = self._span(event)
        target = self._anchors.get(str(event.anchor))
        if target is None:
            raise stop("unknown-anchor", f"{code(span.text)} repeats an anchor that is not there", span, QUOTE_HELP)
        if any(target is node for node in self._open):
            raise stop("recursive-alias", f"{code(span.text)} repeats a value inside of itself", span)
        self._add(AliasNode(target=target, start=span.start, end=span.end))

    def _add(self, node: Node) -> None:
        if not self._open:
            self.root = node
            return
        parent = self._open[-1]
        parent.end = max(parent.end, node.end)
        if isinstance(parent, SequenceNode):
            parent.items.append(node)
        elif parent.key is None:
            parent.key = node
        else:
            self._enter(parent, parent.key, node)
            parent.key = None

    def _enter(self, mapping: MappingNode, key: Node, value: Node) -> None:
        while isinstance(key, AliasNode):
            key = key.target
        span = self.source.span(key.start, key.end)
        if not isinstance(key, ScalarNode):
            self._report("key-not-text", "a key is text, found a list or a mapping", span)
        elif key.text == "<<":
            self._report(
                "merge-key", "`<<` is no key: YAML 1.2 merges no mappings", span,
                "write the keys out, or repeat a whole value with an alias",
            )  # fmt: skip
        elif not isinstance(key.value, str):
            shown = code(key.text) if key.text else "nothing"
            self._report("key-not-text", f"a key is text, found {shown}", span, f"write {code(single_quoted(key.text))}")
        elif key.text in mapping.entries:
            first = self.source.line_of(mapping.entries[key.text][0].start)
            self._report("duplicate-key", f"the key {code(key.text)} stands here twice", span, f"it stands first in line {first}")
        else:
            mapping.entries[key.text] = (key, value)

    def _check_tag(self, event: CollectionStartEvent | ScalarEvent, kind: str) -> None:
        if event.tag is None or event.tag == _TAG + kind:
            return
        span = self._span(event)
        written = self.source.text[span.start : span.end] if isinstance(event, ScalarEvent) else event.tag
        self._report(
            "custom-tag", f"a value that begins with `!` is read as a YAML tag: {code(event.tag.replace(_TAG, '!!'))}", span,
            f"for text, put all of it in single quotes: {code(single_quoted(written))}",
        )  # fmt: skip

    def _anchor(self, event: CollectionStartEvent | ScalarEvent, node: Node) -> None:
        if event.anchor is not None:
            self._anchors[event.anchor] = node

    def _count(self, event: Event) -> None:
        self._values += 1
        # Every entry of a mapping has two nodes; the limit on values is met again, exactly, where aliases are written out.
        if self._values > 2 * MOST_VALUES:
            raise stop("too-many-values", f"the document holds more than {MOST_VALUES:,} values", self._span(event))

    def _span(self, event: Event) -> Span:
        """
        Give the place of an event, without the blanks that a block scalar's end takes in.
        """
        start, end = _offsets(event)
        return self.source.span(start, start + len(self.source.text[start:end].rstrip()))

    def _report(self, name: str, message: str, span: Span, help: str | None = None) -> None:  # noqa: A002 - the word of the messages
        self.findings.append(Finding(name=name, message=message, span=span, help=help))


def _offsets(event: Any) -> tuple[int, int]:
    return event.start_mark.index, event.end_mark.index
