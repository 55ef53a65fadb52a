"""
What users write about actuators that move no real traffic.
"""

from __future__ import annotations

from canarypolicy.documents.part_parameters import PartParameters


class DryRunParameters(PartParameters):
    """
    Nothing: a dry run sets no weight and remembers the one it was told.
    """
