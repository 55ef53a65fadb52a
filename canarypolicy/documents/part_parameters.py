"""
What the parameters of all parts of an Environment share: sources, probes, actuators, backups and notifiers.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated

from pydantic import AfterValidator

from canarypolicy.documents.fields import DocumentModel, Duration, fault

if TYPE_CHECKING:
    from canarypolicy.documents.checked import Path
    from canarypolicy.documents.secrets import Template

_LONGEST = timedelta(minutes=10)
ADDRESSES = frozenset({"admin", "base_url", "probe_url", "server", "socket", "url"})
"""Keys whose texts are addresses: they may stand in a document, a password in them should not."""

_NO_SECRETS: Mapping[Path, Template] = MappingProxyType({})


class PartParameters(DocumentModel):
    """
    The parameters of one part; a plug-in's are of this class, too.
    """

    @property
    def secrets(self) -> Mapping[Path, Template]:
        """
        What should not stand in the document itself, by its path; of an address, the password in it.
        """
        return _NO_SECRETS


def _bounded(timeout: timedelta) -> timedelta:
    if not timedelta() < timeout <= _LONGEST:
        raise fault("invalid-timeout", "a timeout is longer than nothing and at most 10m")
    return timeout


Timeout = Annotated[Duration, AfterValidator(_bounded)]
"""How long a part may take for one thing that it is asked."""
