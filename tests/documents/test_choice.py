import pytest
from canarypolicy.documents.environment import ProbeChoice
from canarypolicy.documents.policy import DerivedSignal
from pydantic import TypeAdapter, ValidationError

ADAPTER = TypeAdapter(DerivedSignal)


def test_a_choice_has_a_name_and_parameters():
    """They read as they were written, defaults left out."""
    written = {"mean": {"of": "a.b", "over": "5m"}}
    choice = ADAPTER.validate_python(written)
    assert isinstance(choice, DerivedSignal)
    assert (choice.name, choice.parameters.of) == ("mean", "a.b")
    assert ADAPTER.dump_python(choice) == written


@pytest.mark.parametrize(
    ("written", "given"),
    [({}, "none"), ({"mean": {"of": "a", "over": "5m"}, "max": {"of": "a", "over": "5m"}}, "`max`, `mean`")],
)
def test_a_choice_has_exactly_one_key(written, given):
    """Neither none nor two."""
    with pytest.raises(ValidationError) as raised:
        ADAPTER.validate_python(written)
    (error,) = raised.value.errors()
    assert error["msg"] == f"expected exactly one derived function, found {given}"
    assert "`quantile`" in error["ctx"]["help"]


def test_a_choice_whose_parameters_are_no_mapping_reads_as_it_was_written():
    """Such as a group of probes."""
    adapter = TypeAdapter(ProbeChoice)
    written = {"all": ["redis", "database"]}
    assert adapter.dump_python(adapter.validate_python(written), mode="json") == written
