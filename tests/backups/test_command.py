"""
Snapshots by programs: the name that is printed last, or why there is no snapshot.
"""

from __future__ import annotations

import os

import pytest
from canarypolicy.backups.command import CommandBackup
from canarypolicy.documents.program_parameters import CommandActuatorParameters
from canarypolicy.errors import Unavailable
from canarypolicy.live.protocols import NotDone, Taken

from programs import python, world


def backup(text, *arguments, timeout=None):
    written = {"create": python(text, *arguments), **({} if timeout is None else {"timeout": timeout})}
    return CommandBackup(
        "snapshot", CommandActuatorParameters.model_validate(written), world({**os.environ, "DIRECTORY": "/srv/hidden"})
    )


@pytest.mark.parametrize(
    ("printed", "name"),
    [
        ("shop-2026.sql.gz\n", "shop-2026.sql.gz"),
        ("dumping\n\nshop-2026.sql.gz", "shop-2026.sql.gz"),
        ("shop 2026\r\n", "shop 2026"),
        ("/srv/hidden/shop.sql\n", "***/shop.sql"),
    ],
    ids=["one line", "the last of several", "a line of Windows", "what was brought in is not shown"],
)
def test_the_last_line_is_the_name(printed, name):
    text = "import sys; sys.stdout.buffer.write(sys.argv[1].encode())"
    assert backup(text, printed, "${env:DIRECTORY}").create() == Taken(snapshot=name)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("pass", "the last line of stdout is the snapshot's name, found an empty one"),
        ("print('name'); print('  ')", "the last line of stdout is the snapshot's name, found an empty one"),
        ("print('n' * 181)", "a snapshot's name has at most 180 characters, found 181"),
        ("print('name'); raise SystemExit('disk full')", "ended in status 1: disk full"),
        ("import time; print('name', flush=True); time.sleep(600)", "did not end within 500ms"),
    ],
)
def test_a_snapshot_that_cannot_be_named_or_is_not_whole_is_not_done(text, why):
    with pytest.raises(NotDone) as raised:
        backup(text, timeout="500ms" if "sleep" in text else None).create()
    assert raised.value.why.startswith("actuator `snapshot`: ")
    assert raised.value.why.endswith(why)


def test_an_actuator_of_traffic_takes_no_snapshot():
    parameters = CommandActuatorParameters.model_validate({"set": ["a"], "read": ["b"]})
    with pytest.raises(Unavailable, match="takes no snapshot"):
        CommandBackup("snapshot", parameters, world())
