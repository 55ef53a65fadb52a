"""
What an Environment lacks that a policy needs to be carried out.
"""

import pytest
from canarypolicy.documents.environment_loading import load_environment
from canarypolicy.documents.loading import load_policy
from canarypolicy.documents.run_checks import check_for_run, is_backup, traffic_of

POLICY = """
apiVersion: canarypolicy/v1
kind: RolloutPolicy
metadata: {name: shop}
signals:
  canary.errors: {unit: ratio, range: [0, 1], healthy: 0.002, worse: higher}
slos: [{name: low, require: canary.errors < 0.01}]
plan:
  every: 1m
  SNAPSHOT
  gates: {before: [{name: ready, probe: ready, require: result.failed == 0}], after: [{name: smoke, probe: smoke, require: result.failed == 0}]}
  steps: [{name: full, weight: 100, min: 1h}]
"""
HEADER = """
apiVersion: canarypolicy/v1
kind: Environment
metadata: {name: shop}
signals: {canary.errors: {manual: 0.002}}
probes:
  ready: {command: {run: ['true']}}
  smoke: {command: {run: ['true']}}
"""
COMMAND = "{command: {set: ['true'], read: ['true']}}"
BACKUP = "{command: {create: ['true']}}"
DUMP = "{mysqldump: {url: 'mysql://db/shop', directory: backups}}"


def checked(snapshot="snapshot: {actuator: snapshot}"):
    return load_policy(POLICY.replace("SNAPSHOT", snapshot).encode(), "policy.yaml").document


def environment(actuators, header=HEADER):
    lines = "".join(f"\n  {name}: {choice}" for name, choice in actuators.items())
    text = f"{header}actuators:{lines}\n" if actuators else header
    loaded = load_environment(text.encode(), "env.yaml")
    assert loaded.document is not None, loaded.findings
    return loaded.document


def lacking(actuators, *, is_dry=False, header=HEADER, snapshot="snapshot: {actuator: snapshot}"):
    found = check_for_run(environment(actuators, header), checked(snapshot), is_dry=is_dry)
    return [(finding.name, finding.span.path, finding.message) for finding in found]


@pytest.mark.parametrize("backup", [BACKUP, DUMP], ids=["command", "mysqldump"])
def test_an_environment_with_all_parts_lacks_nothing(backup):
    assert lacking({"traffic": COMMAND, "snapshot": backup}) == []
    assert lacking({"proxy": COMMAND, "snapshot": backup}) == []


def test_without_a_snapshot_no_backup_is_needed():
    assert lacking({"traffic": COMMAND}, snapshot="") == []


def test_a_gates_probe_must_be_there():
    header = HEADER.replace("  smoke: {command: {run: ['true']}}\n", "")
    assert lacking({"traffic": COMMAND, "snapshot": BACKUP}, header=header) == [
        ("undeclared-probe", "policy.yaml", "env.yaml has no probe `smoke`")
    ]


def test_the_snapshots_actuator_must_be_there_and_take_backups():
    assert lacking({"traffic": COMMAND}) == [("undeclared-actuator", "policy.yaml", "env.yaml has no actuator `snapshot`")]
    assert lacking({"traffic": COMMAND, "snapshot": COMMAND})[0] == (
        "no-backup", "policy.yaml", "the actuator `snapshot` sets weights, it takes no snapshot",
    )  # fmt: skip


def test_one_actuator_moves_the_traffic():
    assert lacking({"snapshot": BACKUP}) == [("no-traffic", "env.yaml", "no actuator sets weights")]
    assert lacking({}, snapshot="") == [("no-traffic", "env.yaml", "no actuator sets weights")]
    several = {"blue": COMMAND, "green": COMMAND, "snapshot": BACKUP}
    assert lacking(several) == [("no-traffic", "env.yaml", "several actuators set weights, and none is called `traffic`")]
    assert traffic_of(environment({**several, "traffic": COMMAND})) == "traffic"


def test_a_dry_run_needs_neither_traffic_nor_snapshot():
    assert lacking({}, is_dry=True) == []


def test_what_is_a_backup():
    actuators = environment({"a": COMMAND, "b": BACKUP, "c": DUMP, "d": "{dry_run: {}}"}).environment.actuators
    assert {name: is_backup(choice) for name, choice in actuators.items()} == {"a": False, "b": True, "c": True, "d": False}
