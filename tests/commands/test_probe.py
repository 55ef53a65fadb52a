"""
`canarypolicy probe`: one probe by hand.
"""

import json
import re
import sys

import pytest

from command_line import canarypolicy

ENVIRONMENT = f"""
apiVersion: canarypolicy/v1
kind: Environment
metadata: {{name: local}}
probes:
  fine: {{command: {{run: ['{sys.executable}', -c, 'print("6 PASS")'], captures: {{passed: {{regex: '(\\d+) PASS', type: int}}}}}}}}
  broken: {{command: {{run: ['{sys.executable}', -c, 'import sys; print("no redis"); sys.exit(2)']}}}}
  both: {{all: [fine, broken]}}
"""


@pytest.fixture
def environment(tmp_path):
    path = tmp_path / "env.yaml"
    path.write_text(ENVIRONMENT, encoding="utf-8")
    return str(path)


def shown(text):
    return re.sub(r" +[0-9.]+ ms", " N ms", text)


def test_every_check_is_a_line_and_the_status_tells_whether_all_passed(environment):
    done = canarypolicy("probe", environment, "fine")
    assert (done.exit_code, shown(done.stdout)) == (0, "ok    command N ms  ended in status 0\nfine: 6 passed, 0 failed\n")
    done = canarypolicy("probe", environment, "both")
    assert done.exit_code == 3
    assert "FAIL  broken: command" in done.stdout and done.stdout.endswith("both: 6 passed, 1 failed\n")


def test_the_same_for_scripts(environment):
    done = canarypolicy("probe", environment, "broken", "--format", "json")
    found = json.loads(done.stdout)
    assert (done.exit_code, found["probe"], found["result"]["failed"]) == (3, "broken", 1)


def test_a_name_that_is_not_there_is_a_usage_error(environment):
    done = canarypolicy("probe", environment, "fin")
    assert done.exit_code == 2 and "has no probe `fin`" in done.stderr and "`fine`" in done.stderr
