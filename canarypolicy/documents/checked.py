"""
A policy whose structure, names and types have been checked: what the engine is built from.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from canarypolicy.cel.expression import Expression
    from canarypolicy.derived.window import Input
    from canarypolicy.documents.finding import Finding
    from canarypolicy.documents.policy import RolloutPolicy
    from canarypolicy.documents.span import SourceText, Span

Path: TypeAlias = tuple[str | int, ...]
"""Keys and indices from the document's root, as they are written: ("slos", 0, "require")."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedPolicy:
    """
    A policy without errors, with the place of everything in it.
    """

    policy: RolloutPolicy
    source: SourceText
    digest: str
    """sha256, in hexadecimal, of the RFC 8785 form of the document."""
    places: Mapping[Path, Span]
    """Where each value stands."""
    keys: Mapping[Path, Span]
    """Where the key of each value in a mapping stands."""
    expressions: Mapping[Path, Expression]
    """Each expression by its path: rules, gates, recovery and invariants."""
    declared: Mapping[str, Input]
    """Type and range of each signal, derived signal and built-in signal."""
    derived_order: tuple[str, ...]
    """Derived signals so that each comes after those it reads."""
    warnings: tuple[Finding, ...]
