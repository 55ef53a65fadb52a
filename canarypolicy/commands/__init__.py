"""
The commands by the name that users type.

The table says only what `canarypolicy --help` shows: the module of a command is imported when that command runs.
"""

from __future__ import annotations

from dataclasses import dataclass

from canarypolicy.kinds import by_name


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandEntry:
    """
    A command's name and its line in the list of commands; its module holds `command`.
    """

    name: str
    summary: str

    @property
    def module(self) -> str:
        return f"canarypolicy.commands.{self.name.replace('-', '_')}"


COMMANDS = by_name(
    CommandEntry(name="abort", summary="End a rollout: all traffic to the stable version."),
    CommandEntry(name="approve", summary="Approve that a step is left."),
    CommandEntry(name="checklist", summary="Print the closing GO checklist of a run, with its evidence."),
    CommandEntry(name="backup", summary="Take, list, verify and restore backups of a database."),
    CommandEntry(name="evaluate", summary="Decide at the last sample: advance, hold or rollback."),
    CommandEntry(name="explain", summary="Print the page on a finding, lint, derived function or source."),
    CommandEntry(name="freeze", summary="Let no rollout go on, of one policy or of all in the store."),
    CommandEntry(name="journal", summary="Verify the journal of a run, or export its recording."),
    CommandEntry(name="minimise", summary="Turn an incident into the smallest test that shows it."),
    CommandEntry(name="pause", summary="Hold a rollout until it is resumed."),
    CommandEntry(name="probe", summary="Look at one probe of an Environment by hand."),
    CommandEntry(name="record", summary="Write a recording of what sources say, live or of the past."),
    CommandEntry(name="replay", summary="Play recordings through a policy and print each timeline."),
    CommandEntry(name="resume", summary="Let a paused rollout go on."),
    CommandEntry(name="review", summary="Say what a change of policies does, proved over all histories."),
    CommandEntry(name="run", summary="Carry a rollout out, or go on with an interrupted one."),
    CommandEntry(name="schema", summary="Print the JSON Schema of a kind of document."),
    CommandEntry(name="signal", summary="Give a rollout a signal's value by hand."),
    CommandEntry(name="status", summary="Print the runs of a store, or where one of them is."),
    CommandEntry(name="test", summary="Run PolicyTests, and say what they cover of a policy."),
    CommandEntry(name="unfreeze", summary="Lift the freezes of one policy, or those of all."),
    CommandEntry(name="validate", summary="Check documents: structure, types and lints."),
)
