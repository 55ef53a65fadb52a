"""
What users write about the probe of backups.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from pydantic import Field, StrictBool

from canarypolicy.documents.fields import Duration
from canarypolicy.documents.part_parameters import PartParameters, Timeout
from canarypolicy.documents.secrets import Template


class BackupProbeParameters(PartParameters):
    """
    A folder whose newest backup must be whole and young enough.
    """

    directory: Template
    max_age: Duration = Field(default=timedelta(hours=24), json_schema_extra={"default": "1d"})
    database: Annotated[str, Field(min_length=1)] | None = None
    """Whose backups count; without it, all."""
    checksum: StrictBool = False
    """Whether the backup is read to its end, and not only its size compared."""
    timeout: Timeout = Field(default=timedelta(minutes=1), json_schema_extra={"default": "1m"})
    """How long the whole look may take."""
