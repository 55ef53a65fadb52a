"""
A page for each finding that is no lint: what it means and what to do about it.

The first line is the summary; lints have their pages in their own modules.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from canarypolicy.documents.pages_of_documents import PAGES_OF_DOCUMENTS
from canarypolicy.documents.pages_of_expressions import PAGES_OF_EXPRESSIONS
from canarypolicy.documents.pages_of_parts import PAGES_OF_PARTS
from canarypolicy.documents.pages_of_policytests import PAGES_OF_POLICYTESTS
from canarypolicy.documents.pages_of_recordings import PAGES_OF_RECORDINGS
from canarypolicy.documents.pages_of_remarks import PAGES_OF_REMARKS
from canarypolicy.documents.pages_of_reviews import PAGES_OF_REVIEWS
from canarypolicy.documents.pages_of_yaml import PAGES_OF_YAML

PAGES: Mapping[str, str] = MappingProxyType(
    {
        **PAGES_OF_YAML,
        **PAGES_OF_DOCUMENTS,
        **PAGES_OF_EXPRESSIONS,
        **PAGES_OF_PARTS,
        **PAGES_OF_POLICYTESTS,
        **PAGES_OF_RECORDINGS,
        **PAGES_OF_REMARKS,
        **PAGES_OF_REVIEWS,
    }
)
"""Name of the finding -> its page in Markdown."""
