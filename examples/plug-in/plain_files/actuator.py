"""
Traffic by a text file: the canary's percent, for a proxy that watches it.

```yaml
actuators:
  traffic: {plain_file: {path: canary-percent.txt}}
```
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, ClassVar

from canarypolicy.documents.keeper import Keeper
from canarypolicy.documents.part_parameters import PartParameters
from canarypolicy.documents.secrets import Template
from canarypolicy.live.protocols import NotDone

if TYPE_CHECKING:
    from canarypolicy.documents.secrets import World


class PlainFileTrafficParameters(PartParameters):
    """
    Which file to write.
    """

    path: Template
    """The path of the file."""


class PlainFileTraffic:
    """
    Writes the file anew for each weight, so that nobody ever reads half of it.
    """

    name: ClassVar[str] = "plain_file"
    Parameters = PlainFileTrafficParameters

    def __init__(self, label: str, parameters: PlainFileTrafficParameters, world: World) -> None:
        """
        Touch nothing: that is for `set`.
        """
        self._keeper = Keeper(f"actuator `{label}`", world)
        self._path = self._keeper.text(parameters.path, "path")

    def set(self, weight: float) -> None:
        """
        Write the weight beside the file and put it in its place. What fails is `NotDone`, and nothing else.
        """
        beside = f"{self._path}.new"
        try:
            with open(beside, "w", encoding="utf-8") as file:  # noqa: PTH123 - the descriptor is needed
                file.write(f"{weight}\n")
                file.flush()
                os.fsync(file.fileno())
            os.replace(beside, self._path)  # noqa: PTH105 - as above
        except OSError as error:
            raise NotDone(f"{self._keeper.place} cannot write its file: {str(error.strerror).lower()}") from None

    def read_back(self) -> float:
        """
        Give the weight that stands in the file. A real proxy must be asked itself: a file is not traffic.
        """
        try:
            with open(self._path, encoding="utf-8") as file:  # noqa: PTH123 - as above
                return float(file.read())
        except OSError as error:
            raise NotDone(f"{self._keeper.place} cannot read its file: {str(error.strerror).lower()}") from None
        except ValueError:
            raise NotDone(f"{self._keeper.place}: its file holds no number") from None
