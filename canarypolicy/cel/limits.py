"""
The words of an expression, and the limits that hold before any parser sees it (SPEC section 2.2).

One pass from left to right, in linear time, without a parser: what it costs to refuse a text grows with its length only.
Words are told apart exactly as celpy's grammar does, so that nothing can hide from the count.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from canarypolicy.cel import syntax_wording as wording
from canarypolicy.cel.fault import Fault, Refused

MAX_CHARACTERS: Final = 4_096
MAX_NESTING: Final = 32
MAX_TOKENS: Final = 400

_TOKEN: Final = re.compile(
    r"""
    (?P<space>[\t\n\f\r ]+ | //[^\n]*)
  | (?P<string>[bB]?[rR]?(?:
        \"{3}(?:[^\"\\]|\\[\s\S]|\"(?!\"\"))*\"{3}
      | '{3}(?:[^'\\]|\\[\s\S]|'(?!''))*'{3}
      | \"(?!\"\")(?:[^\"\\\n]|\\.)*\"
      | '(?!'')(?:[^'\\\n]|\\.)*'))
  | (?P<open_string>[bB]?[rR]?["'])
  | (?P<number>0x[0-9a-fA-F]+[uU]? | [0-9]+\.[0-9]*(?:[eE][+-]?[0-9]+)? | \.[0-9]+(?:[eE][+-]?[0-9]+)?
      | [0-9]+[eE][+-]?[0-9]+ | [0-9]+[uU]?)
  | (?P<word>[_a-zA-Z][_a-zA-Z0-9]*)
  | (?P<operator>&&|\|\||[<>=!]=|[-+*/%<>!?:.,()\[\]{}])
  | (?P<strange>[\s\S])
    """,
    re.VERBOSE,
)

_CLOSES: Final = {")": "(", "]": "[", "}": "{"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """
    One word of an expression: `kind` is string, number, word or operator.
    """

    kind: str
    text: str
    start: int

    @property
    def span(self) -> tuple[int, int]:
        return self.start, self.start + len(self.text)

    @property
    def ends_operand(self) -> bool:
        """
        Whether an operator is what comes next: after `x`, `-5` is a subtraction.
        """
        return self.kind != "operator" or self.text in (")", "]", "}")


@dataclass(slots=True)
class _Level:
    """
    One open bracket and the conditionals that are open in it.
    """

    bracket: Token | None
    conditionals: int = 0


@dataclass(slots=True)
class _Nesting:
    """
    How deep the present word lies: brackets, conditionals inside of conditionals, signs before signs.
    """

    levels: list[_Level] = field(default_factory=lambda: [_Level(None)])
    depth: int = 0
    signs: int = 0

    def enter(self, token: Token, *, is_sign: bool) -> None:
        """
        Take account of a word; a bracket that fits no other and a depth over the limit are refused.
        """
        self.signs = self.signs + 1 if is_sign else 0
        match token.text if token.kind == "operator" else "":
            case "(" | "[" | "{":
                self.levels.append(_Level(token))
                self.depth += 1
            case ")" | "]" | "}":
                self._close(token)
            case "?":
                self.levels[-1].conditionals += 1
                self.depth += 1
            case ",":
                self.depth -= self.levels[-1].conditionals
                self.levels[-1].conditionals = 0
        if self.depth + self.signs > MAX_NESTING:
            raise Refused(wording.too_nested(token.span, MAX_NESTING))

    def _close(self, token: Token) -> None:
        level = self.levels.pop()
        if level.bracket is None:
            raise Refused(wording.closes_nothing(token.text, token.span))
        if level.bracket.text != _CLOSES[token.text]:
            raise Refused(wording.closes_another(level.bracket.text, token.text, token.span))
        self.depth -= 1 + level.conditionals


def scan(text: str) -> tuple[Token, ...] | Fault:
    """
    Give the words of an expression, or the first fault that needs no grammar.
    """
    if len(text) > MAX_CHARACTERS:
        return wording.too_long(len(text), MAX_CHARACTERS)
    try:
        return tuple(_scanned(text))
    except Refused as refused:
        return refused.fault


def _scanned(text: str) -> list[Token]:
    tokens: list[Token] = []
    nesting = _Nesting()
    for match in _TOKEN.finditer(text):
        kind = str(match.lastgroup)
        if kind == "space":
            continue
        if match.group() == "in" and tokens and tokens[-1].ends_operand:
            kind = "operator"  # elsewhere it is a name, as it is for celpy
        token = Token(kind=kind, text=match.group(), start=match.start())
        if kind == "open_string":
            raise Refused(wording.unclosed_string((token.start, len(text))))
        if kind == "strange":
            raise Refused(wording.strange_character(token.text, token.span))
        is_sign = token.text in ("!", "-") and not (tokens and tokens[-1].ends_operand)
        nesting.enter(token, is_sign=is_sign)
        if _is_one_word(tokens, token):
            token = Token(kind="number", text=text[tokens[-1].start : token.span[1]], start=tokens.pop().start)
        tokens.append(token)
        if len(tokens) > MAX_TOKENS:
            raise Refused(wording.too_many_tokens(token.span, MAX_TOKENS))
    if len(nesting.levels) > 1:
        bracket = nesting.levels[-1].bracket
        assert bracket is not None
        raise Refused(wording.unclosed_bracket(bracket.text, bracket.span))
    return tokens


def _is_one_word(tokens: list[Token], token: Token) -> bool:
    """
    Tell whether a number and the minus right before it are one literal.
    """
    if token.kind != "number" or not tokens or tokens[-1].text != "-" or tokens[-1].span[1] != token.start:
        return False
    return len(tokens) == 1 or not tokens[-2].ends_operand
