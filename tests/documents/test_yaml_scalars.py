import pytest
from canarypolicy.documents.yaml_scalars import resolve


@pytest.mark.parametrize(
    "text",
    ["yes", "no", "on", "off", "Yes", "y", "1:30", "2026-05-01", "2026-05-01T10:00:00Z", "1_000", "0b11", "0o8", "0xg", "5m", "1e",
     "+", ".", "-.", "e5", "tRue", "NAN", "inf", ".Infinity", "٣", "1.2.3", "=", "<<", "-0x1F"],
)  # fmt: skip
def test_text_of_yaml_1_2_stays_text(text):
    """What YAML 1.1 made a bool, a number or a date is text."""
    assert resolve(text) == text


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None), ("~", None), ("null", None), ("Null", None), ("NULL", None),
        ("true", True), ("True", True), ("TRUE", True), ("false", False), ("False", False), ("FALSE", False),
        ("0", 0), ("-12", -12), ("+12", 12), ("007", 7), ("0o17", 15), ("0x1F", 31),
        ("9007199254740991", 2**53 - 1), ("-9007199254740991", -(2**53) + 1),
        ("0.5", 0.5), (".5", 0.5), ("5.", 5.0), ("1e3", 1000.0), ("-1.5E-3", -0.0015), ("1e+21", 1e21),
        ("9007199254740992", 9007199254740992.0), ("295147905179352830000", 2.9514790517935283e20), ("1e-400", 0.0),
    ],
)  # fmt: skip
def test_core_types_have_values(text, value):
    """The core schema's values, of the right Python type; doubles in canonical form are those doubles."""
    found = resolve(text)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("9007199254740993", "is beyond 9007199254740991"),
        ("-9007199254740993", "is beyond"),
        ("0x20000000000001", "is beyond"),
        ("1" + "0" * 22, "is beyond"),
        ("-" + "9" * 350, "is beyond"),
        ("9" * 5000, "is beyond"),
        (".inf", "is not a finite number"),
        ("-.INF", "is not a finite number"),
        (".nan", "is not a finite number"),
        ("1e999", "is larger than any double"),
    ],
)
def test_numbers_that_no_document_holds_say_so(text, why):
    """A number is never changed in silence."""
    with pytest.raises(ValueError, match=why):
        resolve(text)
