"""
A decision as one JSON document, in the form of `schemas/v1/decision.schema.json`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from canarypolicy.history.decision_record import decision_record
from canarypolicy.reports.json_text import json_text

if TYPE_CHECKING:
    from canarypolicy.reports.evaluation_result import Evaluation


def render_evaluation(evaluation: Evaluation, *, color: bool = False) -> str:  # noqa: ARG001 - JSON has no colours
    """
    Give a decision as the JSON value of the contract.
    """
    return json_text(decision_record(evaluation.decision, evaluation.policy), indent=2)
