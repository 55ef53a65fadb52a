import pytest
from canarypolicy.documents.yaml_tree import read_tree
from canarypolicy.errors import InvalidInput

QUOTE = "put the whole text in single quotes: `'...'`"
INDENT = "check the indentation of this line and of those above"


@pytest.mark.parametrize(
    ("text", "place", "underlined", "message", "way_out"),
    [
        pytest.param(
            "a:\n\tb: 1\n",
            "2:1",
            "\t",
            "a tab cannot indent or part YAML",
            "write spaces instead of the tab",
            id="a tab that indents",
        ),
        pytest.param(
            "a: x\n \tb: 1\n",
            "2:2",
            "\t",
            "a tab cannot indent or part YAML",
            "write spaces instead of the tab",
            id="a tab behind a space",
        ),
        pytest.param(
            "a: b: c\n",
            "1:5",
            ":",
            "a second `: ` in this line: text that holds `: ` needs quotes",
            "put the whole text in single quotes: `'b: c'`",
            id="a colon in plain text",
        ),
        pytest.param(
            "a: 1\n b: 2\n",
            "2:2",
            "b:",
            "this key is indented more deeply than the lines above allow",
            INDENT,
            id="a key too deep",
        ),
        pytest.param(
            "a: [1, 2\n",
            "2:1",
            "",
            "the list that begins with `[` in line 1 is not closed: expected `,` or `]`",
            f"for text that holds brackets, {QUOTE}",
            id="a list without end",
        ),
        pytest.param(
            "a: {b: 1\nc: 2\n",
            "2:2",
            ":",
            "the mapping that begins with `{` in line 1 is not closed: expected `,` or `}`",
            f"for text that holds brackets, quotes or commas, {QUOTE}",
            id="a mapping without end",
        ),
        pytest.param(
            'a: "x" == "y"\n',
            "1:8",
            '== "y"',
            'the text ends at its closing quote, but `== "y"` follows',
            'put the whole text in single quotes: `\'"x" == "y"\'`',
            id="text behind a quoted text",
        ),
        pytest.param(
            'a: {b: "x" == y}\n',
            "1:12",
            "== y",
            "the text ends at its closing quote, but `== y` follows",
            "put the whole text in single quotes: `'\"x\" == y'`",
            id="text behind a quoted text in brackets",
        ),
        pytest.param("a: 'x\n", "1:4", "'x", "the quote that opens here is never closed", None, id="a quote without end"),
        pytest.param(
            "a: 'x\n---\n",
            "1:4",
            "'x",
            "the quote that opens here is not closed before the document ends",
            None,
            id="a quote over documents",
        ),
        pytest.param("- a\nb: 1\n", "2:1", "b:", "this does not continue what begins in line 1", INDENT, id="a key after a list"),
        pytest.param(
            "a: - b\n",
            "1:4",
            "-",
            "a list item `- ` cannot stand here",
            "begin the list in a line of its own, under its key",
            id="a list in a line",
        ),
        pytest.param(
            "a: &\n",
            "1:4",
            "&",
            "`&` and `*` at the beginning of a value name anchors and aliases",
            QUOTE,
            id="an anchor without a name",
        ),
        pytest.param("a: @x\n", "1:4", "@", "`@` cannot begin a value", QUOTE, id="a character that cannot begin a value"),
        pytest.param("a: 1\nb\nc: 2\n", "2:1", "b", "expected a key with `: ` behind it", INDENT, id="a line without a colon"),
        pytest.param(
            'a: "\\q"\n',
            "1:5",
            "\\q",
            "this escape is unknown in a text in double quotes",
            "single quotes know no escapes: `'...'`",
            id="an unknown escape",
        ),
        pytest.param(
            'a: "\\xzz"\n',
            "1:5",
            "\\xzz",
            "this escape names no character",
            "single quotes know no escapes: `'...'`",
            id="an escape without digits",
        ),
        pytest.param(
            "a: |0\n  x\n",
            "1:5",
            "0",
            "the indentation behind `|` or `>` is a digit from 1 to 9",
            "leave the digit out",
            id="an indentation of zero",
        ),
        pytest.param(
            "%YAML 2.0\n---\na: 1\n",
            "1:1",
            "%YAML",
            "this version of YAML is not known: expected 1.2",
            "leave the `%YAML` line out",
            id="an unknown YAML",
        ),
        pytest.param(
            "a: !x!y 3\n",
            "1:4",
            "!x!y 3",
            "a value that begins with `!` is read as a YAML tag",
            "put the whole text in single quotes: `'!x!y 3'`",
            id="an undefined tag",
        ),
        pytest.param(
            "a: !b.c && d\n",
            "1:4",
            "!b.c && d",
            "a value that begins with `!` is read as a YAML tag",
            "put the whole text in single quotes: `'!b.c && d'`",
            id="an unquoted negation",
        ),
        pytest.param(
            "- {a: !b && c, d: 1}\n",
            "1:7",
            "!b && c",
            "a value that begins with `!` is read as a YAML tag",
            "put the whole text in single quotes: `'!b && c'`",
            id="an unquoted negation in brackets",
        ),
        pytest.param(
            "  a: 1\n b: 2\n",
            "2:2",
            "b:",
            "the document ends above this line, and something follows",
            INDENT,
            id="a key too far left",
        ),
        pytest.param("a: ]\n", "1:4", "]", "expected a value", None, id="a bracket that closes nothing"),
        pytest.param(
            "{a: 1, b:, c: 1}", "1:9", ":", "a `:` behind a key needs a blank and a value", QUOTE, id="a colon without a blank"
        ),
        pytest.param("a: |x\n", "1:5", "x", "this is not YAML", QUOTE, id="whatever else there is"),
    ],
)
def test_each_fault_has_its_sentence(text, place, underlined, message, way_out):
    """Whole, with place, underlined text and help."""
    with pytest.raises(InvalidInput) as raised:
        read_tree(text.encode(), "a.yaml")
    (found,) = raised.value.findings
    assert f"{found.span.line}:{found.span.column}" == place
    assert (found.span.text, found.message, found.help) == (underlined, message, way_out)
    assert found.name == ("tab" if "\t" in text else "invalid-yaml")


def test_a_very_long_line_is_not_looked_into():
    """Recognising may take time that grows with the square of the line; the parser's fault is told all the same."""
    with pytest.raises(InvalidInput) as raised:
        read_tree(("- " + "-" * 200_000 + " {a: !b && c\n").encode(), "a.yaml")
    (found,) = raised.value.findings
    assert found.name == "invalid-yaml"


def test_a_negation_in_brackets_that_are_not_closed_goes_to_the_end_of_the_line():
    """The help quotes what is there."""
    with pytest.raises(InvalidInput) as raised:
        read_tree(b"- {a: !b && c\n", "a.yaml")
    assert raised.value.findings[0].help == "put the whole text in single quotes: `'!b && c'`"
