"""
The mistakes that people make most often in YAML with expressions in it, recognised in the line of a fault.

Each recogniser looks at the text around the fault and says what was probably meant, or nothing.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from canarypolicy.documents.finding import Finding
from canarypolicy.documents.wording import code

if TYPE_CHECKING:
    from collections.abc import Callable

    from canarypolicy.documents.span import SourceText

QUOTE_HELP = "put the whole text in single quotes: `'...'`"
INDENT_HELP = "check the indentation of this line and of those above"

_LONGEST_LINE = 1_000
"""Characters; a longer line is not looked into, since recognising may take time that grows with its square."""

_BLANKS = re.compile("[ \t]*")
_QUOTED_START = re.compile(r"""(.*?[:\-\[{,]\s+|\s*)(".*"|'.*')\s*""")
_TAGGED = re.compile(r"(.*[:,\[{\-]\s+|\s*)(![^\s!=].*)")
_VALUE = re.compile(r"(?:\s*-\s+)*\s*[^\s:]+\s*:\s+(?=\S)")


def recognise(source: SourceText, at: int, problem: str) -> Finding | None:
    """
    Find what people meant by the text at a fault, if it is one of the usual mistakes.
    """
    found = (recogniser(source, at, problem) for recogniser in _RECOGNISERS)
    return next((finding for finding in found if finding is not None), None)


def single_quoted(text: str) -> str:
    """
    Write a text as YAML in single quotes.
    """
    return "'" + text.strip().replace("'", "''") + "'"


def _tab(source: SourceText, at: int, problem: str) -> Finding | None:  # noqa: ARG001 - recognisers are called alike
    """
    Recognise a tab at the fault, or among the blanks that begin its line.
    """
    line_start = at - source.column_of(at) + 1
    blanks = _BLANKS.match(source.text, line_start)
    tab = source.text.find("\t", line_start, blanks.end() if blanks else line_start)
    if tab < 0 and source.text[at : at + 1] == "\t":
        tab = at
    if tab < 0:
        return None
    span = source.span(tab, tab + 1)
    return Finding(name="tab", message="a tab cannot indent or part YAML", span=span, help="write spaces instead of the tab")


def _text_behind_quote(source: SourceText, at: int, problem: str) -> Finding | None:  # noqa: ARG001 - recognisers are called alike
    """
    Recognise `when: "a" == x`: the value ends at the second quote, and text follows.
    """
    line, column = _line(source, at)
    opened = _QUOTED_START.fullmatch(line[:column])
    rest = line[column:].strip()
    if opened is None or not rest or rest[0] in "#,]}:":
        return None
    value = _inside(line[len(opened[1]) :], opened[1])
    follows = value[column - len(opened[1]) :]
    return Finding(
        name="invalid-yaml",
        message=f"the text ends at its closing quote, but {code(follows)} follows",
        span=source.span(at, at + len(follows)),
        help=_quote_all(value),
    )


def _unquoted_negation(source: SourceText, at: int, problem: str) -> Finding | None:
    """
    Recognise `require: !a && b`: YAML reads a tag, and does not understand what follows.
    """
    line, column = _line(source, at)
    tagged = _TAGGED.fullmatch(line)
    if tagged is None or "quoted scalar" in problem:
        return None
    start = at - column + len(tagged[1])
    value = _inside(tagged[2], tagged[1])
    return Finding(
        name="invalid-yaml",
        message="a value that begins with `!` is read as a YAML tag",
        span=source.span(start, start + len(value)),
        help=_quote_all(value),
    )


def _second_colon(source: SourceText, at: int, problem: str) -> Finding | None:
    """
    Recognise `require: a ? b : c`, and else a key that is indented too deeply.
    """
    if "mapping values are not allowed" not in problem:
        return None
    line, column = _line(source, at)
    first = _VALUE.match(line[:column])
    if first is None:
        message = "this key is indented more deeply than the lines above allow"
        start = at - len(line[:column].lstrip())
        return Finding(name="invalid-yaml", message=message, span=source.span(start, at + 1), help=INDENT_HELP)
    return Finding(
        name="invalid-yaml",
        message="a second `: ` in this line: text that holds `: ` needs quotes",
        span=source.span(at, at + 1),
        help=_quote_all(line[first.end() :]),
    )


def _odd_indentation(source: SourceText, at: int, problem: str) -> Finding | None:
    """
    Recognise a line that begins neither where the lines above begin nor as deep as what belongs to them.
    """
    line, column = _line(source, at)
    if not re.search("expected key|<block end>", problem) or line[:column].strip(" ") or not column:
        return None
    span = source.span(at, at + len(line[column:].rstrip()))
    message = "the indentation of this line fits none of the lines above"
    return Finding(name="invalid-yaml", message=message, span=span, help="lines that belong together begin in the same column")


_RECOGNISERS: tuple[Callable[[SourceText, int, str], Finding | None], ...] = (
    _tab,
    _text_behind_quote,
    _unquoted_negation,
    _second_colon,
    _odd_indentation,
)


def _line(source: SourceText, at: int) -> tuple[str, int]:
    """
    Give the line around a place without its comment, and where in it the place is.
    """
    line = source.line(source.line_of(at))
    column = source.column_of(at) - 1
    if len(line) > _LONGEST_LINE:
        return "", 0
    comment = re.search(r"\s#", line[column:])
    return (line[: column + comment.start()] if comment else line), column


def _inside(value: str, before: str) -> str:
    """
    Cut a value where the brackets around it go on; without brackets before it, it goes to the end of the line.
    """
    if "{" not in before and "[" not in before:
        return value.rstrip()
    depth = 0
    for index, character in enumerate(value):
        depth += (character in "([{") - (character in ")]}")
        if depth < 0 or (character == "," and depth == 0):
            return value[:index].rstrip()
    return value.rstrip()


def _quote_all(value: str) -> str:
    return f"put the whole text in single quotes: {code(single_quoted(value))}"
