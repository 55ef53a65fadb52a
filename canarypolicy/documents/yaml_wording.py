"""
Every sentence about text that is not YAML: PyYAML's faults in words that name no parser.

PyYAML has two parsers whose faults differ in their wording; both are known here, and end in the same sentence.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from canarypolicy.documents.finding import Finding
from canarypolicy.documents.wording import code
from canarypolicy.documents.yaml_mistakes import INDENT_HELP, QUOTE_HELP, recognise

if TYPE_CHECKING:
    from yaml import YAMLError

    from canarypolicy.documents.span import SourceText

_ESCAPE_HELP = "single quotes know no escapes: `'...'`"
_WORD = re.compile(r"[^\s,\[\]{}]+|[,\[\]{}]")
_ESCAPE = re.compile(r"\\(?:x[^\s\"]{0,2}|u[^\s\"]{0,4}|U[^\s\"]{0,8}|.)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sentence:
    """
    What is said where PyYAML's problem matches a pattern.
    """

    pattern: str
    sentence: str
    help: str | None
    is_at_start: bool = False
    """Whether the place where the faulty thing begins is the telling one."""


_SENTENCES = (
    _Sentence(
        pattern="could not find expected ':'",
        sentence="expected a key with `: ` behind it",
        help=INDENT_HELP,
        is_at_start=True,
    ),
    _Sentence(
        pattern="sequence entries are not allowed",
        sentence="a list item `- ` cannot stand here",
        help="begin the list in a line of its own, under its key",
    ),
    _Sentence(pattern="mapping keys are not allowed", sentence="a key that begins with `? ` cannot stand here", help=QUOTE_HELP),
    _Sentence(
        pattern=r"expected ',' or '\]'",
        sentence="the list that begins with `[` in line {line} is not closed: expected `,` or `]`",
        help=f"for text that holds brackets, {QUOTE_HELP}",
    ),
    _Sentence(
        pattern="expected ',' or '}'",
        sentence="the mapping that begins with `{{` in line {line} is not closed: expected `,` or `}}`",
        help=f"for text that holds brackets, quotes or commas, {QUOTE_HELP}",
    ),
    _Sentence(
        pattern="unexpected end of stream", sentence="the quote that opens here is never closed", help=None, is_at_start=True
    ),
    _Sentence(
        pattern="unexpected document (indicator|separator)",
        sentence="the quote that opens here is not closed before the document ends",
        help=None,
        is_at_start=True,
    ),
    _Sentence(
        pattern="alphabetic or numeric character",
        sentence="`&` and `*` at the beginning of a value name anchors and aliases",
        help=QUOTE_HELP,
        is_at_start=True,
    ),
    _Sentence(
        pattern="indentation indicator",
        sentence="the indentation behind `|` or `>` is a digit from 1 to 9",
        help="leave the digit out",
    ),
    _Sentence(pattern="<document start>", sentence="the document ends above this line, and something follows", help=INDENT_HELP),
    _Sentence(pattern="node content", sentence="expected a value", help=None),
    _Sentence(
        pattern="incompatible YAML document|YAML directive",
        sentence="this version of YAML is not known: expected 1.2",
        help="leave the `%YAML` line out",
    ),
    _Sentence(
        pattern="expected key|'-' indicator|<block end>",
        sentence="this does not continue what begins in line {line}",
        help=INDENT_HELP,
    ),
    _Sentence(pattern="unexpected ':'", sentence="a `:` behind a key needs a blank and a value", help=QUOTE_HELP),
    _Sentence(pattern="", sentence="this is not YAML", help=QUOTE_HELP),
)


def reword(error: YAMLError, source: SourceText) -> Finding:
    """
    Make a finding of a fault that PyYAML has found.
    """
    problem = f"{getattr(error, 'context', '')}: {getattr(error, 'problem', '')}"
    at, start = _index(error, "problem_mark", source), _index(error, "context_mark", source)
    recognised = recognise(source, at, problem)
    if recognised is not None:
        return recognised
    if re.search("escape|hexdecimal|hexadecimal", problem):
        return _escape(source, at, problem)
    if "cannot start any token" in problem:
        character = source.span(at, at + 1)
        message = f"{code(character.text)} cannot begin a value"
        return Finding(name="invalid-yaml", message=message, span=character, help=QUOTE_HELP)
    row = next(row for row in _SENTENCES if re.search(row.pattern, problem))
    place = start if row.is_at_start else at
    word = _WORD.match(source.text, place)
    span = source.span(place, word.end() if word else place)
    message = row.sentence.format(line=source.line_of(start))
    return Finding(name="invalid-yaml", message=message, span=span, help=row.help)


def _index(error: YAMLError, mark: str, source: SourceText) -> int:
    index = getattr(getattr(error, mark, None), "index", 0)
    return int(min(index, len(source.text)))


def _escape(source: SourceText, at: int, problem: str) -> Finding:
    start = max(source.text.rfind("\\", 0, at + 1), 0)
    written = _ESCAPE.match(source.text, start)
    span = source.span(start, written.end() if written else start)
    unknown = "unknown escape" in problem
    message = "this escape is unknown in a text in double quotes" if unknown else "this escape names no character"
    return Finding(name="invalid-yaml", message=message, span=span, help=_ESCAPE_HELP)
