"""
Text to tree: limits first, then celpy's grammar, then our nodes with their places.

The one `Environment` of celpy in the process lives here and is built when the first expression is parsed.
Names and types are not looked at.
"""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from canarypolicy.cel import syntax_wording as wording
from canarypolicy.cel.fault import Fault, Refused
from canarypolicy.cel.limits import Token, scan
from canarypolicy.cel.lowering import lower
from canarypolicy.cel.stack import deep_stack

if TYPE_CHECKING:
    from canarypolicy.cel.tree import Node

_BUILDING: Final = threading.Lock()


def parse(text: str) -> Node | Fault:
    """
    Give the tree of an expression, or the first fault that keeps it from having one.
    """
    tokens = scan(text)
    if isinstance(tokens, Fault):
        return tokens
    if not tokens:
        return wording.empty_expression((0, len(text)))
    with deep_stack():
        syntax = syntax_tree(text)
        if isinstance(syntax, int):
            return _unexpected(tokens, syntax)
        try:
            return lower(syntax)
        except Refused as refused:
            return refused.fault


def syntax_tree(text: str) -> Any:
    """
    Give celpy's own tree of an expression, or the offset at which the grammar ends.

    Only for texts within the limits: celpy's grammar is slow on long ones and recursive on deep ones.
    """
    from lark.exceptions import UnexpectedCharacters, UnexpectedToken  # noqa: PLC0415 - celpy's parser is loaded when it is needed

    try:
        # not through `environment().compile`: it keeps the text in a parser that all threads share, and its errors have no offset
        return _celpy().grammar.parse(text)
    except UnexpectedToken as error:
        return len(text) if error.token.type == "$END" else int(error.pos_in_stream)
    except UnexpectedCharacters as error:
        return int(error.pos_in_stream)


def environment() -> Any:
    """
    Give celpy's environment; nothing else in the process should make one.

    celpy has one grammar for all environments, and each new one changes the recursion limit.
    """
    return _celpy().environment


@dataclass(frozen=True, slots=True, kw_only=True)
class _Celpy:
    """
    What is made of celpy, once.
    """

    grammar: Any
    environment: Any


def _celpy() -> _Celpy:
    with _BUILDING:
        return _built()


@cache
def _built() -> _Celpy:
    import celpy  # noqa: PLC0415 - loading celpy and building its tables takes longer than all else
    from celpy.celparser import CELParser  # noqa: PLC0415 - as above
    from lark import Token, Tree  # noqa: PLC0415 - as above

    class Parser(CELParser):  # type: ignore[misc]  # celpy is not typed here
        """
        celpy's parser, in which `true` and `false` keep their place in the text.
        """

        @staticmethod
        def ambiguous_literals(t: Any) -> Any:
            return Token.new_borrow_pos("BOOL_LIT", t.value, t) if t.value in ("true", "false") else t

    logging.getLogger("celpy").setLevel(logging.CRITICAL)  # errors are values here, and logged ones would reach the screen
    others = CELParser.CEL_PARSER
    CELParser.CEL_PARSER = None  # the grammar that another user of celpy may have built has no such places
    Parser(Tree)
    grammar = CELParser.CEL_PARSER
    with deep_stack():
        made = celpy.Environment()
    CELParser.CEL_PARSER = others or grammar
    made.annotations.clear()  # the names of protocol buffer messages are no signals
    return _Celpy(grammar=grammar, environment=made)


def _unexpected(tokens: tuple[Token, ...], offset: int) -> Fault:
    """
    Say what stands where the grammar ends, from the words before and there.
    """
    index = next((index for index, token in enumerate(tokens) if token.span[1] > offset), len(tokens))
    before = tokens[index - 1] if index > 0 else None
    if index == len(tokens):
        last = tokens[-1]
        return wording.ends_early(last.text, last.span)
    token = tokens[index]
    return wording.unexpected(token.text, token.span, None if before is None or not before.ends_operand else before.text)
