"""
Notices on a program's stdin.
"""

from __future__ import annotations

import json
import os

import pytest
from canarypolicy.documents.program_parameters import CommandNotifierParameters
from canarypolicy.live.protocols import NotDone, Notice, Occurrence
from canarypolicy.notifiers.command import CommandNotifier

from programs import python, world

NOTICE = Notice(
    occurrence=Occurrence.ROLLED_BACK, key="run-1:rolled-back", text="zurück: 3 % errors", facts={"step": "canary-10"}
)


def notifier(text, *arguments, variables=None):
    parameters = CommandNotifierParameters.model_validate({"run": python(text, *arguments), "timeout": "20s"})
    return CommandNotifier("1", parameters, world({**os.environ, **(variables or {})}))


def test_a_notice_is_one_line_of_json_on_stdin(tmp_path):
    kept = tmp_path / "notice"
    text = (
        "import os, sys; open(sys.argv[1], 'wb').write(sys.stdin.buffer.read() + "
        "(os.environ['CANARYPOLICY_OCCURRENCE'] + ' ' + os.environ['CANARYPOLICY_KEY']).encode())"
    )
    notifier(text, str(kept)).notify(NOTICE)
    line, variables = kept.read_text(encoding="utf-8").splitlines()
    assert json.loads(line) == {
        "occurrence": "rolled-back",
        "key": "run-1:rolled-back",
        "text": "zurück: 3 % errors",
        "facts": {"step": "canary-10"},
    }
    assert variables == "rolled-back run-1:rolled-back"


def test_what_was_not_taken_in_is_not_done_and_says_no_secret():
    failing = notifier("import sys; sys.exit('no channel ' + sys.argv[1])", "${env:TOKEN}", variables={"TOKEN": "hunter2"})
    with pytest.raises(NotDone) as raised:
        failing.notify(NOTICE)
    assert raised.value.why.endswith("ended in status 1: no channel ***")
