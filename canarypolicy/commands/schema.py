"""
`canarypolicy schema`: the JSON Schema of a kind of document, result or recording.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from canarypolicy.commands.outputs import takes_output
from canarypolicy.documents.schemas import SCHEMAS
from canarypolicy.documents.wording import suggestion
from canarypolicy.exit_status import ExitStatus
from canarypolicy.reports.result import SchemaDocument
from canarypolicy.reports.result_schemas import RESULT_SCHEMAS

if TYPE_CHECKING:
    from canarypolicy.commands.outputs import Outputs

_ALL = {**SCHEMAS, **RESULT_SCHEMAS}


@click.command("schema")
@click.argument("kind", metavar="KIND")
@takes_output(SchemaDocument, default="json")
def command(*, outputs: Outputs, kind: str) -> ExitStatus:
    """
    Print the JSON Schema of a kind: RolloutPolicy, Environment, PolicyTest, decision, replay, review, test or recording.

    Exit status: 0 printed, 2 there is no such kind.
    """
    name = _file_name(kind)
    if name not in _ALL:
        help_ = suggestion(name, sorted(_ALL), "kinds")
        raise click.BadParameter(f"there is no kind `{kind}`; {help_}", param_hint="KIND")
    return outputs.deliver(SchemaDocument(kind=name, schema=_ALL[name]()), ExitStatus.ADVANCE)


def _file_name(kind: str) -> str:
    """
    Give the name of a kind's file: `rollout-policy` for `RolloutPolicy`.
    """
    return "".join(f"-{each.lower()}" if each.isupper() else each for each in kind).lstrip("-")
