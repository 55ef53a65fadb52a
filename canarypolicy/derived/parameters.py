"""
What users write for a derived function: the models of their parameters.

Whether a named signal or step exists is checked with the policy, not here.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from pydantic import Field, field_validator

from canarypolicy.documents.fields import DocumentModel, Duration, KebabName, fault
from canarypolicy.documents.signals import SignalName


class HistoryParameters(DocumentModel):
    """
    How far back a function looks, and how much it must find there.
    """

    of: SignalName
    """The signal whose values are taken."""
    over: Duration
    """The length of the window, which ends at the sample."""
    min_samples: Annotated[int, Field(ge=1, strict=True)] = 2
    """With fewer present samples in the window the value is missing."""

    @field_validator("over")
    @classmethod
    def _is_not_empty(cls, over: timedelta) -> timedelta:
        if not over:
            raise fault("empty-window", "a window `over` 0s has no samples in it", help="write a duration such as `15m`")
        return over


class WindowParameters(HistoryParameters):
    """
    A function over the present values of one signal in a window.
    """

    within_step: Annotated[bool, Field(strict=True)] = False
    """Leave out samples from before the present step was entered."""


class QuantileParameters(WindowParameters):
    """
    Which quantile is taken.
    """

    q: Annotated[float, Field(ge=0, le=1, strict=True)]
    """0 is the smallest value, 0.5 the median, 1 the largest."""


class RatioParameters(WindowParameters):
    """
    What is divided by what.
    """

    to: SignalName
    """The signal below the line."""


class GrowingParameters(WindowParameters):
    """
    How sure the test for growth must be.
    """

    confidence: Annotated[float, Field(gt=0.5, lt=1, strict=True)] = 0.99
    """Independent values without a trend pass for growth in about one of 1 / (1 - confidence) windows."""


class FrozenParameters(HistoryParameters):
    """
    When the running median stops and stays.
    """

    at: KebabName
    """`start`, or the name of a step: the value is fixed when it is entered."""
