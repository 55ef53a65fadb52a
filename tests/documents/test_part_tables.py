"""
Plug-ins in the tables of parameters: one whose parameters are no model of ours is refused when the table is made.

The tables are made once, when they are imported; `tests/test_plug_ins.py` does that in processes of its own.
"""

from types import SimpleNamespace

import pytest
from canarypolicy.documents import part_tables
from canarypolicy.documents.actuator_parameters import DryRunParameters
from canarypolicy.documents.part_parameters import PartParameters
from canarypolicy.documents.program_parameters import CommandActuatorParameters
from canarypolicy.errors import Unavailable


def table_with(monkeypatch, parameters):
    plug_in = SimpleNamespace(name="mine", Parameters=parameters)
    monkeypatch.setattr(part_tables, "joined", lambda group, members: {**members, "mine": plug_in})
    return part_tables._with_plug_ins("canarypolicy.actuators", {"dry_run": DryRunParameters})


def test_a_plug_in_stands_beside_the_members(monkeypatch):
    assert table_with(monkeypatch, PartParameters) == {"dry_run": DryRunParameters, "mine": PartParameters}


@pytest.mark.parametrize("parameters", [dict, {}], ids=["another class", "no class"])
def test_parameters_of_another_kind_are_refused(parameters, monkeypatch):
    with pytest.raises(Unavailable, match="its `Parameters` is no subclass of `PartParameters`"):
        table_with(monkeypatch, parameters)


@pytest.mark.parametrize(
    "backup", [CommandActuatorParameters, DryRunParameters], ids=["two models", "one model that cannot tell the two apart"]
)
def test_a_name_of_an_actuator_and_of_a_backup_has_one_model_that_tells_them_apart(backup):
    with pytest.raises(Unavailable, match="the name `mine` is that of an actuator and of a backup"):
        part_tables._either({"mine": DryRunParameters}, {"mine": backup})


def test_one_model_that_tells_them_apart_serves_both():
    one = {"command": CommandActuatorParameters}
    assert part_tables._either(one, one) == one
