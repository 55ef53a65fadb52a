"""
What the reports are given: one record per command that has results.

Records hold what was found and decided, and nothing of how it looks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from canarypolicy.documents.finding import Finding
    from canarypolicy.history.decision_record import PolicyMark
    from canarypolicy.history.recording import Recording
    from canarypolicy.history.replay import Outcome, Timeline
    from canarypolicy.live.storing import Freeze, Request, RunRow
    from canarypolicy.live.summary import RunSummary
    from canarypolicy.review.findings import PolicyReview, Witness
    from canarypolicy.review.standing import FailOn
    from canarypolicy.review.witness_files import WitnessFile


@dataclass(frozen=True, slots=True, kw_only=True)
class Validation:
    """
    What was found in which documents.
    """

    paths: tuple[str, ...]
    """Every document, also those without a finding, in the order in which they were given."""
    findings: tuple[Finding, ...]
    is_strict: bool = False
    """Whether warnings make a document invalid, too."""
    pages: Mapping[str, str] = field(default_factory=dict)
    """Finding's name -> its page in Markdown, as far as there is one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayedRollout:
    """
    One rollout's timeline, and what another policy makes of the same recording.
    """

    recording: Recording
    timeline: Timeline
    lacks_gates: bool = False
    against: Timeline | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """
    All rollouts that were replayed.
    """

    policy: PolicyMark
    against: PolicyMark | None = None
    rollouts: tuple[ReplayedRollout, ...]
    shows_all: bool = False
    """Whether every decision is wanted, and not only the changes."""
    expected: Outcome | None = None
    findings: tuple[Finding, ...] = ()
    """Faults in recordings that could not be replayed."""
    max_gap_us: int
    """The longest time between samples that the policy takes for watching."""
    limits: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    """Signal -> the constant limits that the policy's rules set to it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """
    The reviews of all policies that a change touches.
    """

    policies: tuple[PolicyReview, ...]
    fail_on: FailOn
    base: str | None = None
    """The git revision whose policies are the old ones; None: they are files."""
    witness_dir: str | None = None
    witnesses: tuple[WitnessFile, ...] = ()
    """Witnesses as they were written to `witness_dir`."""
    pages: Mapping[str, str] = field(default_factory=dict)
    """Name of a finding or remark -> its page in Markdown, as far as there is one."""

    def file_of(self, witness: Witness) -> WitnessFile | None:
        """
        Give the file of a witness, unless none was asked for.
        """
        return next((file for file in self.witnesses if file.witness is witness), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalCheck:
    """
    Whether the journal of a run is whole.
    """

    run: str
    entries: int
    head: str
    """The hash of the last entry, as the store notes it."""
    faults: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalRecording:
    """
    The recording in a journal.
    """

    text: str
    """The lines of a JSONL file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """
    One page of the handbook: what a name means.
    """

    name: str
    area: str
    summary: str
    text: str
    """Markdown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Handbook:
    """
    Every page, by area.
    """

    pages: tuple[Page, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaDocument:
    """
    A JSON Schema.
    """

    kind: str
    schema: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStatus:
    """
    One run as it is now.
    """

    summary: RunSummary
    rules: tuple[Mapping[str, Any], ...]
    """Where each rule of the present step stands, in the form of a decision's reasons; `quiet` is a state, too."""
    requests: tuple[Request, ...]
    """What operators asked and the run has not taken in."""
    freezes: tuple[Freeze, ...]
    """The freezes in force that hold the run's policy."""
    now_us: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RunList:
    """
    The runs of a store, the youngest first.
    """

    going_on: tuple[RunSummary, ...]
    ended: tuple[RunRow, ...]
    unshown: int
    """How many older ones that have ended are left out."""
    freezes: tuple[Freeze, ...]
    now_us: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """
    What an operator asked of a run, and what came of it.
    """

    row: RunRow
    event: Mapping[str, Any]
    """The event as a line of a recording, without its time."""
    taken_us: int | None
    """When the run took it in; None if it has not."""
    waited_us: int
    """For how long was waited for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FreezeList:
    """
    Freezes: those in force, or those that were just placed or lifted.
    """

    change: str | None
    """`frozen` or `unfrozen`; None if nothing was changed."""
    freezes: tuple[Freeze, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedSignal:
    """
    A signal of a recording that was written, and in how many samples it has no value.
    """

    name: str
    missing: int
    why: str | None
    """Why it was missing last; None if it never was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """
    A recording that was written.
    """

    path: str
    samples: int
    first_us: int | None
    last_us: int | None
    signals: tuple[RecordedSignal, ...]
