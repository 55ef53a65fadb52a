import string

import pytest
from canarypolicy.documents.embedding import embed
from canarypolicy.documents.span import SourceText
from canarypolicy.documents.yaml_tree import read_tree
from canarypolicy.errors import InvalidInput
from hypothesis import given, settings
from hypothesis import strategies as st


def embedded(text):
    return read_tree(text.encode(), "a.yaml").embedded(("a",))


def written(text):
    """The characters of the file at the places of the value's characters."""
    found = embedded(text)
    return found.text, "".join(found.span.source.text[offset] for offset in found.offsets[:-1])


@pytest.mark.parametrize(
    ("text", "value", "places"),
    [
        pytest.param("a: x < 1", "x < 1", "x < 1", id="plain"),
        pytest.param("a: x <\n   1", "x < 1", "x <\n1", id="plain over two lines"),
        pytest.param("a: x  \n\n\n   y", "x\n\ny", "x\n\ny", id="plain with empty lines"),
        pytest.param("{a: x <\r\n 1}", "x < 1", "x <\r1", id="plain in a flow mapping with Windows line breaks"),
        pytest.param("a: &n x", "x", "x", id="plain behind an anchor"),
        pytest.param("a: !!str x", "x", "x", id="plain behind a core tag"),
        pytest.param("a: 'it''s'", "it's", "it's", id="single quotes"),
        pytest.param("a: 'x\n\n  y\n z'", "x\ny z", "x\ny\nz", id="single quotes over lines"),
        pytest.param(
            'a: "x \\"y\\" \\x41\\u0042\\U00000043\\t"', 'x "y" ABC\t', "x \\y\\ \\\\\\\\", id="double quotes with escapes"
        ),
        pytest.param('a: "x \\\n   y"', "x y", "x y", id="double quotes with an escaped line break"),
        pytest.param('a: "x\n  y\\\n\n  z"', "x y\nz", "x\ny\nz", id="double quotes that fold, escape and skip lines"),
        pytest.param("a: |\n  x <\n  1\n", "x <\n1\n", "x <\n1\n", id="literal"),
        pytest.param("a: |-\n  x\n", "x", "x", id="literal without its last line break"),
        pytest.param("a: |+\n  x\n\n\nb: 1", "x\n\n\n", "x\n\n\n", id="literal that keeps all line breaks"),
        pytest.param("a: |2\n    x\n  y\n", "  x\ny\n", "  x\ny\n", id="literal with its indentation written"),
        pytest.param("a: | # why\n  x", "x", "x", id="literal with a comment, at the end of the file"),
        pytest.param("a: >\n  x\n  y\n\n  z\n", "x y\nz\n", "x\ny\nz\n", id="folded"),
        pytest.param(
            "a: >-\n\n  x\n    y\n  z", "\nx\n  y\nz", "\nx\n  y\nz", id="folded around a line that is indented further"
        ),
        pytest.param(
            "a: >-\n  x\n\n   y\n\n  z", "x\n\n y\n\nz", "x\n\n y\n\nz", id="folded with empty lines around such a line"
        ),
        pytest.param("a: |\n  x\n     \n  y", "x\n   \ny", "x\n   \ny", id="literal with a line of blanks"),
        pytest.param("a: ''", "", "", id="empty"),
        pytest.param("a: |\nb: 1", "", "", id="literal without content"),
    ],
)
def test_each_style_knows_the_place_of_each_character(text, value, places):
    """A character of the value stands where the file has it; an escape where it begins, a fold at its line break."""
    assert written(text) == (value, places)


def test_a_value_that_is_not_met_is_placed_as_a_whole():
    """If walking the text does not give the parser's value, the whole scalar is underlined rather than a wrong part."""
    source = SourceText(path="a", text="x < 1")
    found = embed("y > 2", source.span(0, 5))
    assert found.offsets == (0, 0, 0, 0, 0, 5)


def test_a_block_that_is_not_met_is_placed_as_a_whole():
    """Whatever indentation is tried."""
    source = SourceText(path="a", text="|\n    x")
    assert embed("y", source.span(0, 7)).offsets == (0, 7)


def test_an_odd_block_header_is_placed_as_a_whole():
    """What only looks like a block scalar is not walked."""
    source = SourceText(path="a", text="|x")
    assert embed("y", source.span(0, 2)).offsets == (0, 2)


ALPHABET = st.text(st.sampled_from("ab <&|()'\"\\.,0-\n" + " "), max_size=20)
LINES = st.lists(st.text(st.sampled_from("ab <&.0'\" "), max_size=8), min_size=1, max_size=5)


def _check(text):
    try:
        tree = read_tree(text.encode(), "a.yaml")
    except InvalidInput:
        return
    if not isinstance(tree.data, dict) or not isinstance(tree.data.get("a"), str) or not tree.data["a"].strip():
        return
    found = tree.embedded(("a",))
    source = found.span.source.text
    assert len(found.offsets) == len(found.text) + 1
    assert list(found.offsets) == sorted(set(found.offsets)) or len(found.text) == 0
    for character, offset in zip(found.text, found.offsets, strict=False):
        at = source[offset]
        assert at in (character, "\\") or (character in " \n" and at in "\r\n"), (character, at)


@settings(deadline=None, derandomize=True, max_examples=300)
@given(ALPHABET, st.sampled_from(["'", '"', ""]))
def test_flow_scalars_are_walked_as_the_parser_reads_them(content, quote):
    """For any flow scalar that the parser accepts, every character has a place of its own with that character."""
    _check(f"a: {quote}{content}{quote}\n")


@settings(deadline=None, derandomize=True, max_examples=300)
@given(LINES, st.sampled_from("|>"), st.sampled_from(["", "-", "+", "2", "2-"]), st.integers(1, 3))
def test_block_scalars_are_walked_as_the_parser_reads_them(lines, style, header, indent):
    """For any block scalar that the parser accepts, every character has a place of its own with that character."""
    _check(f"a: {style}{header}\n" + "".join(" " * indent + line + "\n" for line in lines))


@settings(deadline=None, derandomize=True, max_examples=200)
@given(st.text(string.printable.replace("\x0b", "").replace("\x0c", ""), min_size=1, max_size=20))
def test_single_quotes_place_any_text(content):
    """On one line in single quotes, only quotes are written otherwise, and twice."""
    one_line = content.replace("\n", "").replace("\r", "").replace("\t", "")
    found = embedded("a: '" + one_line.replace("'", "''") + "'")
    source = found.span.source.text
    assert "".join(source[offset] for offset in found.offsets[:-1]) == one_line
