"""
A fault in a document or a recording, with its place and a way out.

Findings are values: how they look on the screen is the business of `canarypolicy.reports`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from canarypolicy.documents.span import Span


class Severity(Enum):
    """
    How bad a finding is; only errors make a document invalid.
    """

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """
    One fault: a kebab-case name that is stable for ever, one sentence, a place, and help if there is a way out.

    The sentence starts in lower case, has no final period and no line break.
    """

    name: str
    message: str
    span: Span
    severity: Severity = Severity.ERROR
    help: str | None = None

    @property
    def is_error(self) -> bool:
        return self.severity is Severity.ERROR
