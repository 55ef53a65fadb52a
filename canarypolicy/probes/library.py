"""
Libraries of extras: imported when a probe is made, with a word on what to install where one is not there.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from canarypolicy.errors import Unavailable

if TYPE_CHECKING:
    from canarypolicy.documents.keeper import Keeper


def library(keeper: Keeper, name: str, extra: str) -> Any:
    """
    Import a library that comes with an extra of ours.
    """
    try:
        return import_module(name)
    except ImportError:
        raise Unavailable(f"{keeper.place} needs the library `{name}`", help=f"pip install 'canarypolicy[{extra}]'") from None
