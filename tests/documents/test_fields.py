from datetime import timedelta

import pytest
from canarypolicy.documents.fields import DocumentModel, Duration, Metadata, fault
from pydantic import TypeAdapter, ValidationError

DURATION = TypeAdapter(Duration)


def test_a_duration_is_read_and_written():
    """As text in a document, and as what it is in a program."""
    assert DURATION.validate_python("1h30m") == timedelta(minutes=90)
    assert DURATION.validate_python(timedelta(seconds=5)) == timedelta(seconds=5)
    assert DURATION.dump_python(timedelta(seconds=90)) == "1m30s"


@pytest.mark.parametrize(
    ("value", "name", "sentence"),
    [
        (5, "wrong-type", "a duration is text such as `30s`, `5m` or `1h30m`"),
        ("5", "invalid-duration", "`5` is not a duration: expected digits and units such as `30s`, `5m` or `1h30m`"),
    ],
)
def test_what_is_no_duration_says_so(value, name, sentence):
    """A number has no unit, and none is guessed."""
    with pytest.raises(ValidationError) as raised:
        DURATION.validate_python(value)
    (error,) = raised.value.errors()
    assert (error["type"], error["msg"]) == (name, sentence)


def test_documents_are_frozen_and_know_their_keys():
    """A change is a new value; an unknown key is a fault."""
    metadata = Metadata(name="a")
    with pytest.raises(ValidationError):
        metadata.name = "b"
    with pytest.raises(ValidationError):
        Metadata.model_validate({"name": "a", "ownr": "b"})
    assert issubclass(Metadata, DocumentModel)


def test_a_fault_carries_its_sentence_place_and_help():
    """What a model raises is a finding but for the span."""
    error = fault("max-below-min", "`max` is shorter than `min`", "max", help="make it longer")
    assert (error.type, error.message()) == ("max-below-min", "`max` is shorter than `min`")
    assert error.context == {"sentence": "`max` is shorter than `min`", "at": ("max",), "help": "make it longer"}
