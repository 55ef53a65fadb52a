"""
Which old policy is which new one: by where it lies, and what is left by `metadata.name`.

Texts are peeked into, not checked: a document with faults is still a policy, and its faults are told when it is read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from canarypolicy.documents.yaml_tree import read_tree
from canarypolicy.errors import InvalidInput

_KIND = re.compile(rb"""^["']?kind["']?\s*:\s*["']?RolloutPolicy\b""", re.MULTILINE)
_VERSION = re.compile(rb"""apiVersion["']?\s*:\s*["']?canarypolicy/""")


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyText:
    """
    A policy as bytes, and where it was found.
    """

    path: str
    """As users know it."""
    key: str
    """Where it lies within its side; texts with equal keys are the same document."""
    data: bytes
    name: str | None
    """Its `metadata.name`, as far as that can be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TextPair:
    """
    One policy before and after.
    """

    old: PolicyText | None
    """None: the policy is new."""
    new: PolicyText | None
    """None: the policy was removed."""

    @property
    def is_changed(self) -> bool:
        """
        Tell whether the text is another one, the kind of its line breaks aside.
        """
        return self.old is None or self.new is None or _unix(self.old.data) != _unix(self.new.data)

    @property
    def is_moved(self) -> bool:
        """
        Tell whether it lies somewhere else now.
        """
        return self.old is not None and self.new is not None and self.old.key != self.new.key

    @property
    def is_renamed(self) -> bool:
        """
        Tell whether it has another `metadata.name` now: to a store, it is another service.
        """
        return self.old is not None and self.new is not None and self.old.name != self.new.name

    @property
    def either(self) -> PolicyText:
        """
        Give the new text or, where there is none, the old one.
        """
        either = self.new or self.old
        assert either is not None, "a pair has a side"
        return either


def policy_text(data: bytes, path: str, key: str | None = None) -> PolicyText:
    """
    Peek into a text for the name of its policy.
    """
    return PolicyText(path=path, key=path if key is None else key, data=data, name=_name_in(_read(data)))


def is_policy(data: bytes) -> bool:
    """
    Tell whether a text is a RolloutPolicy, or one that was meant to be and cannot be read.
    """
    if _VERSION.search(data) is None:
        return False
    found = _read(data)
    if found is None:
        return _KIND.search(data) is not None
    return isinstance(found, dict) and found.get("kind") == "RolloutPolicy"


def pair(old: Iterable[PolicyText], new: Iterable[PolicyText]) -> tuple[TextPair, ...]:
    """
    TextPair texts by key, then by name if only one on each side has it; the rest came or went.

    In the order of the new side; what is gone stands at the end.
    """
    before = {text.key: text for text in old}
    after = tuple(new)
    twins = {text.key: before.pop(text.key) for text in after if text.key in before}
    unpaired = [text for text in after if text.key not in twins]
    for text in unpaired:
        others = [other for other in before.values() if other.name == text.name]
        if text.name is not None and len(others) == 1 and sum(each.name == text.name for each in unpaired) == 1:
            twins[text.key] = before.pop(others[0].key)
    pairs = [TextPair(old=twins.get(text.key), new=text) for text in after]
    return (*pairs, *(TextPair(old=text, new=None) for text in before.values()))


def _unix(data: bytes) -> bytes:
    return data.replace(b"\r\n", b"\n")  # git may have made them of Unix ones, or the other way round


def _read(data: bytes) -> Any:
    try:
        return read_tree(data, "").data
    except InvalidInput:
        return None


def _name_in(found: Any) -> str | None:
    metadata = found.get("metadata") if isinstance(found, dict) else None
    name = metadata.get("name") if isinstance(metadata, dict) else None
    return name if isinstance(name, str) else None
