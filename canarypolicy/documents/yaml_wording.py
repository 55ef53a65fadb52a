"""
Every sentence about text that is not YAML: PyYAML's faults in words that name no parser.

PyYAML has two parsers whose faults differ in their wording; both are known here, and end in the same sentence.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from canarypolicy.documents.finding import Finding
from canarypolicy.documents.wording import code

if TYPE_CHECKING:
    from yaml import YAMLError

    from canarypolicy.documents.span import SourceText, Span

QUOTE_HELP = "put the whole text in single quotes: `'...'`"
_INDENT = "check the indentation of this line and of those above"
_EXPRESSION_TAG = re.compile(r"^[\s\-{]*(?:.*[:,\[{]\s+)?(![^\s!=][^#\n]*)$")

_AT_CONTEXT = "the place where the faulty thing begins is the telling one"

_SENTENCES: tuple[tuple[str, str, str, str | None], ...] = (
    (
        "mapping values are not allowed",
        "",
        "a second `: ` in this line, or a key that is indented too deeply",
        f"text that holds `: ` needs quotes, `'a ? b : c'`; otherwise {_INDENT}",
    ),
    ("could not find expected ':'", _AT_CONTEXT, "expected a key with `: ` behind it", _INDENT),
    (
        "(block )?sequence entries are not allowed",
        "",
        "a list item `- ` cannot stand here",
        "begin the list in a line of its own, under its key",
    ),
    ("mapping keys are not allowed", "", "a key that begins with `? ` cannot stand here", QUOTE_HELP),
    (
        "expected ',' or '\\]'",
        "",
        "the list that begins with `[` in line {line} is not closed: expected `,` or `]`",
        f"for text that holds brackets, {QUOTE_HELP}",
    ),
    (
        "expected ',' or '}'",
        "",
        "the mapping that begins with `{{` in line {line} is not closed: expected `,` or `}}`",
        f"for text that holds brackets, quotes or commas, {QUOTE_HELP}",
    ),
    ("unexpected end of stream", _AT_CONTEXT, "the quote that opens here is never closed", None),
    ("unexpected document indicator", _AT_CONTEXT, "the quote that opens here is not closed before the document ends", None),
    (
        "unknown escape character",
        "",
        "this escape is unknown in a text in double quotes",
        "single quotes know no escapes: `'...'`",
    ),
    (
        "hexdecimal|hexadecimal|Unicode character escape",
        "",
        "this escape names no character",
        "single quotes know no escapes: `'...'`",
    ),
    ("alphabetic or numeric character", "", "`&` and `*` at the beginning of a value name anchors and aliases", QUOTE_HELP),
    ("indentation indicator", "", "the indentation behind `|` or `>` is a digit from 1 to 9", "leave the digit out"),
    ("<document start>", "", "the document ends above this line, and something follows", _INDENT),
    ("tag handle", "", "a value that begins with `!` is read as a YAML tag", QUOTE_HELP),
    ("node content", "", "expected a value", None),
    (
        "incompatible YAML document|YAML directive",
        "",
        "this version of YAML is not known: expected 1.2",
        "leave the `%YAML` line out",
    ),
    ("expected key|'-' indicator|<block end>", "", "this does not continue what begins in line {line}", _INDENT),
)
_FALLBACK = ("", "", "this is not YAML", QUOTE_HELP)


def reword(error: YAMLError, source: SourceText) -> Finding:
    """
    Make a finding of a fault that PyYAML has found.
    """
    problem = str(getattr(error, "problem", ""))
    at, context = _index(error, "problem_mark", source), _index(error, "context_mark", source)
    tab = _tab(source, at)
    if tab is not None:
        return Finding(name="tab", message="a tab cannot indent or part YAML", span=tab, help="write spaces instead of the tab")
    quoted = _goes_on_behind_quote(source, at)
    if quoted is not None:
        return quoted
    if "cannot start any token" in problem:
        character = source.text[at : at + 1]
        return _finding(f"{code(character)} cannot begin a value", source.span(at, at + 1), QUOTE_HELP)
    _, place, sentence, way_out = next((row for row in _SENTENCES if re.search(row[0], problem)), _FALLBACK)
    start = context if place else at
    tagged = _EXPRESSION_TAG.match(source.line(source.line_of(start)))
    if tagged is not None:
        sentence = "a value that begins with `!` is read as a YAML tag"
        way_out = f"put the whole text in single quotes: {code(single_quoted(tagged[1]))}"
    return _finding(sentence.format(line=source.line_of(context)), _shown(source, start), way_out)


def single_quoted(text: str) -> str:
    """
    Write a text as YAML in single quotes.
    """
    return "'" + text.strip().replace("'", "''") + "'"


def _finding(message: str, span: Span, way_out: str | None) -> Finding:
    return Finding(name="invalid-yaml", message=message, span=span, help=way_out)


def _index(error: YAMLError, mark: str, source: SourceText) -> int:
    index = getattr(getattr(error, mark, None), "index", 0)
    return int(min(index, len(source.text)))


def _tab(source: SourceText, at: int) -> Span | None:
    """
    Find the tab that is to blame: at the fault, or among the blanks that begin its line.
    """
    line_start = at - source.column_of(at) + 1
    blanks = re.compile("[ \t]*").match(source.text, line_start)
    tab = source.text.find("\t", line_start, blanks.end() if blanks else line_start)
    if tab < 0 and source.text[at : at + 1] == "\t":
        tab = at
    return source.span(tab, tab + 1) if tab >= 0 else None


_QUOTED_START = re.compile(r"""^(.*?[:\-\[{,]\s+|\s*)(".*"|'.*')\s*$""")


def _goes_on_behind_quote(source: SourceText, at: int) -> Finding | None:
    """
    Recognise `when: "a" == x`: the value ends at the second quote, and text follows.
    """
    line = source.line(source.line_of(at))
    column = source.column_of(at) - 1
    opened = _QUOTED_START.match(line[:column])
    if opened is None or not line[column:].strip() or line[column] in "#,]}":
        return None
    value = line[len(opened[1]) :].rstrip()
    return _finding(
        f"the text ends at its closing quote, but {code(line[column:].strip())} follows",
        source.span(at, at + len(line[column:].rstrip())),
        f"put the whole text in single quotes: {code(single_quoted(value))}",
    )


def _shown(source: SourceText, start: int) -> Span:
    """
    Underline the word at a place; at a line's end, the place.
    """
    word = re.compile(r"[^\s,\[\]{}]+|[,\[\]{}]").match(source.text, start)
    return source.span(start, word.end() if word else start)
