import json
import math
import struct

import pytest
from canarypolicy.documents.canonical import canonical, canonical_number, digest
from canarypolicy.documents.yaml_text import UNPRINTABLE
from canarypolicy.documents.yaml_tree import read_tree
from hypothesis import given, settings
from hypothesis import strategies as st

# RFC 8785, appendix B: the bits of a double and how it is written.
SAMPLES = [
    ("0000000000000000", "0"),
    ("8000000000000000", "0"),
    ("0000000000000001", "5e-324"),
    ("8000000000000001", "-5e-324"),
    ("7fefffffffffffff", "1.7976931348623157e+308"),
    ("ffefffffffffffff", "-1.7976931348623157e+308"),
    ("4340000000000000", "9007199254740992"),
    ("c340000000000000", "-9007199254740992"),
    ("4430000000000000", "295147905179352830000"),
    ("44b52d02c7e14af5", "9.999999999999997e+22"),
    ("44b52d02c7e14af6", "1e+23"),
    ("44b52d02c7e14af7", "1.0000000000000001e+23"),
    ("444b1ae4d6e2ef4e", "999999999999999700000"),
    ("444b1ae4d6e2ef4f", "999999999999999900000"),
    ("444b1ae4d6e2ef50", "1e+21"),
    ("3eb0c6f7a0b5ed8c", "9.999999999999997e-7"),
    ("3eb0c6f7a0b5ed8d", "0.000001"),
    ("41b3de4355555553", "333333333.3333332"),
    ("41b3de4355555554", "333333333.33333325"),
    ("41b3de4355555555", "333333333.3333333"),
    ("41b3de4355555556", "333333333.3333334"),
    ("41b3de4355555557", "333333333.33333343"),
    ("becbf647612f3696", "-0.0000033333333333333333"),
    ("43143ff3c1cb0959", "1424953923781206.2"),
]


@pytest.mark.parametrize(("bits", "written"), SAMPLES, ids=[written for _, written in SAMPLES])
def test_numbers_are_written_as_the_rfc_writes_them(bits, written):
    """The samples of RFC 8785, appendix B."""
    (number,) = struct.unpack(">d", bytes.fromhex(bits))
    assert canonical_number(number) == written


def test_the_sample_object_of_the_rfc():
    """RFC 8785, section 3.2.3: members are sorted, texts escaped only where JSON must."""
    data = {
        "numbers": [333333333.33333329, 1e30, 4.50, 2e-3, 0.000000000000000000000000001],
        "string": "\u20ac$\u000f\u000aA'\u0042\u0022\u005c\\\"/",
        "literals": [None, True, False],
    }
    assert canonical(data) == (
        '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],'
        '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
    )


def test_keys_are_sorted_by_utf_16_code_units():
    """RFC 8785, section 3.2.3: a character beyond the first plane comes before U+FB33."""
    keys = ["\u20ac", "\r", "\ufb33", "1", "\U0001f600", "\u0080", "\u00f6"]
    assert list(json.loads(canonical(dict.fromkeys(keys, 0)))) == [
        "\r", "1", "\u0080", "\u00f6", "\u20ac", "\U0001f600", "\ufb33",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("data", "why"),
    [
        pytest.param(math.inf, "not finite", id="infinity"),
        pytest.param(math.nan, "not finite", id="NaN"),
        pytest.param(2**53, "beyond", id="an int that no double holds apart from its neighbours"),
        pytest.param(-(2**53), "beyond", id="such an int below zero"),
        pytest.param("\ud800", "surrogate", id="half of a character"),
        pytest.param({"\ud800": 1}, "surrogate", id="half of a character in a key"),
        pytest.param(b"x", "bytes", id="bytes"),
    ],
)
def test_what_json_cannot_hold_has_no_canonical_form(data, why):
    """There is no quiet approximation."""
    with pytest.raises(ValueError, match=why):
        canonical(data)


def test_equal_documents_have_equal_digests():
    """Neither the order of keys nor the way a number is written counts; a changed value does."""
    one = digest({"a": 1, "b": [1.0, "x"]})
    assert one == digest({"b": [1, "x"], "a": 1.0})
    assert one != digest({"b": [1, "y"], "a": 1.0})
    assert len(one) == 64


TEXT = st.text(max_size=20).filter(lambda text: not UNPRINTABLE.search(text))
NUMBERS = st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**53) + 1, 2**53 - 1)
DATA = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=15,
)


@settings(deadline=None, derandomize=True, max_examples=300)
@given(st.dictionaries(TEXT.filter(lambda key: key != "<<"), DATA, min_size=1, max_size=4))
def test_the_canonical_form_is_a_document_of_the_same_digest(data):
    """Law: reading the canonical text as YAML gives the same digest."""
    tree = read_tree(canonical(data).encode(), "canonical.yaml")
    assert digest(tree.data) == digest(data)
    assert canonical(tree.data) == canonical(data)


@settings(deadline=None, derandomize=True, max_examples=300)
@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_reads_back_as_itself(number):
    """Law: no digit is lost."""
    assert float(canonical_number(number)) == number
