import pytest
from canarypolicy.documents.span import SourceText
from canarypolicy.documents.yaml_nodes import Composer
from canarypolicy.documents.yaml_text import LARGEST, FastParser, PureParser, events, read_text
from canarypolicy.errors import InvalidInput


def finding(data):
    with pytest.raises(InvalidInput) as raised:
        read_text(data, "a.yaml")
    (found,) = raised.value.findings
    return found


def test_a_byte_order_mark_is_no_part_of_the_text():
    """Columns count from the first visible character."""
    assert read_text(b"\xef\xbb\xbfa: 1", "a.yaml").text == "a: 1"


@pytest.mark.parametrize(
    ("data", "name", "line", "column", "message"),
    [
        pytest.param(b"a: 1\nb: \xff", "not-utf-8", 2, 4, "the byte 0xff is not UTF-8", id="a byte that is no UTF-8"),
        pytest.param("ä: ".encode() + b"\xc3(", "not-utf-8", 1, 4, "the byte 0xc3 is not UTF-8", id="behind a wide character"),
        pytest.param("a: 1".encode("utf-16"), "not-utf-8", 1, 1, "the file is UTF-16, expected UTF-8", id="UTF-16"),
        pytest.param("a: 1".encode("utf-16-be"), "control-character", 1, 1,
                     "the control character U+0000 stands here, expected text", id="UTF-16 without a byte order mark"),
        pytest.param(b"a: \x1b[31m", "control-character", 1, 4,
                     "the control character U+001B stands here, expected text", id="what a terminal would obey"),
        pytest.param("a: x\u2028y".encode(), "control-character", 1, 5,
                     "the control character U+2028 stands here, expected text", id="a line break that only YAML 1.1 knows"),
        pytest.param(b" " * (LARGEST + 1), "document-too-large", 1, 1,
                     "the document has 1,048,577 bytes, at most 1,048,576 are read", id="one byte too many"),
    ],
)  # fmt: skip
def test_what_is_no_text_is_refused_at_its_place(data, name, line, column, message):
    """The place is counted in characters of what could be read."""
    found = finding(data)
    assert (found.name, found.span.line, found.span.column, found.message) == (name, line, column, message)


def test_the_largest_document_is_read():
    """The limit itself is allowed."""
    assert len(read_text(b" " * LARGEST, "a.yaml").text) == LARGEST


DOCUMENTS = [
    "a: 1\nb: [x, 'y', \"z\"]\nc: {d: e\n  }\n",
    "a: |\n  x\n   y\nb: >-\n  z\n\n  é😀\n",
    "- &a {b: c}\n- *a\n- !!str 5\n- !t x\n",
    "# only a comment\n",
    "%YAML 1.2\n---\na: 1\n...\n",
]


@pytest.mark.parametrize("text", DOCUMENTS)
def test_both_parsers_give_the_same_events(text):
    """Where PyYAML has no C parser, the Python one leads to the same document."""
    source = SourceText(path="a", text=text)

    def seen(parser):
        return [
            (type(event).__name__, event.start_mark.index, getattr(event, "value", None), getattr(event, "tag", None),
             getattr(event, "anchor", None), getattr(event, "style", None) or "")
            for event in events(source, parser)
        ]  # fmt: skip

    assert seen(PureParser) == seen(FastParser)


FAULTS = [
    "a:\n\tb: 1\n", "a: b: c\n", "a: [1, 2\n", "a: {b: 1\nc: 2\n", 'a: "x" == "y"\n', "a: 'x\n", "- a\nb: 1\n", "a: 1\n b: 2\n",
    "a: &\n", "a: @x\n", "a: %x\n", "a: 1\nb\n", 'a: "\\q"\n', "a: |0\n  x\n", "%YAML 2.0\n---\na: 1\n", "a: !x!y 3\n",
    "a: {b: c]\n", "a: has(x) ? 1 : 2\n", "{a: x in [1,2] && b}", "  a: 1\n b: 2\n", "a: !b.c && d\n", "a: - b\n", "a: 'x\n---\n",
    'a: "\\xzz"\n', "a: ]\n", "a: 1\n? b: c\n ? d\n",
]  # fmt: skip


@pytest.mark.parametrize("text", FAULTS)
def test_both_parsers_faults_end_in_the_same_sentence(text):
    """Which parser is installed does not show in a message, nor does any parser's name."""
    source = SourceText(path="a", text=text)

    def seen(parser):
        with pytest.raises(InvalidInput) as raised:
            list(events(source, parser))
        (found,) = raised.value.findings
        return found.name, found.message, found.span.line, found.help

    assert seen(PureParser) == seen(FastParser)


def test_a_tab_between_words_is_told_as_a_tab():
    """The Python parser takes no tab for a blank; the C one does."""
    with pytest.raises(InvalidInput) as raised:
        list(events(SourceText(path="a", text="a:\tb"), PureParser))
    assert [(found.name, found.span.start) for found in raised.value.findings] == [("tab", 2)]


def test_half_of_a_character_is_no_text():
    """The Python parser lets the escape of a surrogate through; the document does not."""
    composer = Composer(SourceText(path="a", text='a: "\\ud800"'))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("canarypolicy.documents.yaml_nodes.events", lambda source: events(source, PureParser))
        composer.compose()
    assert [found.message for found in composer.findings] == ["a text holds the control character U+D800"]
