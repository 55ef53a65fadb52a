"""
The static check: every name is declared, every operator gets types that it takes, and ints become doubles where they must.

What passes here can at run time be unknown, but never of a wrong type.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Final, assert_never

from canarypolicy.cel import wording
from canarypolicy.cel.calls import called, macro_item
from canarypolicy.cel.doubles import as_double, doubles_that_differ, fits_double
from canarypolicy.cel.fault import Fault
from canarypolicy.cel.names import Scope
from canarypolicy.cel.tree import (
    And,
    Arithmetic,
    Call,
    Compare,
    Conditional,
    Has,
    In,
    Index,
    List,
    Literal,
    Macro,
    Negate,
    Node,
    Not,
    Or,
    Signal,
)
from canarypolicy.cel.types import CelType, ListOf, Record, common, type_of_constant
from canarypolicy.documents.signals import SignalType
