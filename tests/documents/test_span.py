import pytest
from canarypolicy.documents.embedding import embed
from canarypolicy.documents.span import Embedded, SourceText


def place(text, start, end):
    return SourceText(path="a.yaml", text=text).span(start, end)


@pytest.mark.parametrize(
    ("text", "offset", "line", "column"),
    [
        pytest.param("abc", 0, 1, 1, id="the first character is at line 1, column 1"),
        pytest.param("a\nbc", 3, 2, 2, id="a line feed ends a line"),
        pytest.param("a\r\nbc", 3, 2, 1, id="a carriage return and line feed end one line"),
        pytest.param("a\rbc", 2, 2, 1, id="a lone carriage return ends a line"),
        pytest.param("a\n", 2, 2, 1, id="the end behind the last line break is a line of its own"),
        pytest.param("\N{GRINNING FACE}é=", 2, 1, 3, id="columns count characters, not bytes"),
    ],
)
def test_offsets_have_a_line_and_a_column(text, offset, line, column):
    """Lines and columns count from 1, columns in characters."""
    span = place(text, offset, offset)
    assert (span.line, span.column) == (line, column)


def test_a_span_knows_its_text_and_where_it_ends():
    """The end is exclusive; a span that ends with its line does not reach into the next one."""
    span = place("ab: cd\nef", 4, 6)
    assert (span.text, span.path, span.end_line, span.end_column) == ("cd", "a.yaml", 1, 7)
    assert place("ab\ncd", 1, 4).end_line == 2
    assert place("ab", 1, 1).end_column == 2


def test_a_line_is_given_without_its_line_break():
    """Neither of the two characters of a Windows line break is shown."""
    source = SourceText(path="a", text="ab\r\ncd\n")
    assert [source.line(1), source.line(2), source.line(3)] == ["ab", "cd", ""]


def test_an_escape_is_underlined_whole():
    """The end of a range is behind the escape that writes its last character."""
    text = '"x == \\"a\\" && y"'
    embedded = embed('x == "a" && y', place(text, 0, len(text)))
    assert embedded.place(5, 8).text == '\\"a\\"'


def test_the_blanks_of_a_folded_line_are_not_underlined():
    """A range that ends before a line break ends with its last visible character."""
    text = "x &&\n    y"
    embedded = embed("x && y", place(text, 0, len(text)))
    assert embedded.place(0, 4).text == "x &&"
    assert embedded.place(5, 6).text == "y"
    assert embedded.place(4, 5).text == "\n"


def test_an_empty_range_has_a_place():
    """What is missing at the end of an expression is shown behind its last character."""
    span = place("'x <'", 0, 5)
    embedded = embed("x <", span)
    assert (embedded.place(3, 3).start, embedded.place(3, 3).end) == (4, 4)


def test_embedded_can_be_made_by_hand():
    """An expression on its own is its own document."""
    span = place("a + b", 0, 5)
    embedded = Embedded(text="a + b", span=span, offsets=tuple(range(6)))
    assert embedded.place(4, 5).text == "b"


def test_a_part_of_a_longer_text_keeps_its_numbers():
    """A recording of a million lines keeps the faulty one and not the others."""
    span = SourceText(path="a.csv", text="1,2\n3,4", first_line=41).span(6, 7)
    assert (span.line, span.end_line, span.column, span.end_column) == (42, 42, 3, 4)
    assert [span.source.line(number) for number in (41, 42)] == ["1,2", "3,4"]
