"""
Rollout policies as code: validated, evaluated and replayed on recorded metrics.

No evidence, no advance; and no lack of evidence ever cancels a rollback.
The names below are loaded when they are first used, so that importing the package costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from canarypolicy.documents.loading import load_policy
    from canarypolicy.engine.decision import Decision, Reason, Verdict
    from canarypolicy.engine.engine import decide
    from canarypolicy.engine.program import Program, build
    from canarypolicy.engine.rollout import Follow, State, begin
    from canarypolicy.engine.sample import RawSample, Sample, admit_sample
    from canarypolicy.errors import CanaryPolicyError, InvalidInput, Unavailable, Unsupported
    from canarypolicy.history.recording import Recording, read_recordings
    from canarypolicy.history.replay import Outcome, Timeline, replay
    from canarypolicy.lints import check

__version__ = "0.1.0"

__all__ = [
    "CanaryPolicyError",
    "Decision",
    "Follow",
    "InvalidInput",
    "Outcome",
    "Program",
    "RawSample",
    "Reason",
    "Recording",
    "Sample",
    "State",
    "Timeline",
    "Unavailable",
    "Unsupported",
    "Verdict",
    "__version__",
    "admit_sample",
    "begin",
    "build",
    "check",
    "decide",
    "load_policy",
    "read_recordings",
    "replay",
]

_HOMES = {
    "canarypolicy.documents.loading": ("load_policy",),
    "canarypolicy.engine.decision": ("Decision", "Reason", "Verdict"),
    "canarypolicy.engine.engine": ("decide",),
    "canarypolicy.engine.program": ("Program", "build"),
    "canarypolicy.engine.rollout": ("Follow", "State", "begin"),
    "canarypolicy.engine.sample": ("RawSample", "Sample", "admit_sample"),
    "canarypolicy.errors": ("CanaryPolicyError", "InvalidInput", "Unavailable", "Unsupported"),
    "canarypolicy.history.recording": ("Recording", "read_recordings"),
    "canarypolicy.history.replay": ("Outcome", "Timeline", "replay"),
    "canarypolicy.lints": ("check",),
}
"""Module -> the public names in it."""


def __getattr__(name: str) -> Any:
    for module, names in _HOMES.items():
        if name in names:
            return getattr(import_module(module), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
