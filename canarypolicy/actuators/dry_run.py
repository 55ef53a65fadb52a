"""
A dry run: no traffic is moved, and the weight that was set last is the weight that is read back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from canarypolicy.documents.actuator_parameters import DryRunParameters

if TYPE_CHECKING:
    from canarypolicy.documents.secrets import World


class DryRun:
    """
    Remembers a weight.
    """

    name: ClassVar[str] = "dry_run"
    Parameters = DryRunParameters

    def __init__(self, label: str, parameters: DryRunParameters, world: World) -> None:  # noqa: ARG002 - the protocol's signature
        self._weight = 0.0

    def set(self, weight: float) -> None:
        """
        Remember the weight.
        """
        self._weight = weight

    def read_back(self) -> float:
        """
        Give the weight that was set last; 0 before.
        """
        return self._weight
