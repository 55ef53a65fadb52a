"""
Every parse error is said in words of the language, at the word that is wrong.
"""

import sys

import pytest
from canarypolicy.cel.fault import Fault
from canarypolicy.cel.parse import environment, parse, syntax_tree

ERRORS = {
    "nothing": ("", (0, 0), "the expression is empty", None),
    "only a comment": (" // later", (0, 9), "the expression is empty", None),
    "an operand is missing at the end": ("1 +", (2, 3), "the expression ends too early, after `+`", None),
    "a branch is missing": ("a ? b", (4, 5), "the expression ends too early, after `b`", None),
    "a field is missing": ("a.", (1, 2), "the expression ends too early, after `.`", None),
    "an operand is missing in the middle": ("a && || b", (5, 7), "expected a value, found `||`", None),
    "an argument is missing": ("f(,)", (2, 3), "expected a value, found `,`", None),
    "two operands in a row": ("a b", (2, 3), "expected an operator after `a`, found `b`", None),
    "a word for an operator": ("a and b", (2, 5), "expected an operator after `a`, found `and`", "and is written `&&`"),
    "a word for a sign": ("not a", (4, 5), "expected an operator after `not`, found `a`", "not is written `!`"),
    "one equals sign": ("a = 1", (2, 3), "`=` is no part of CEL", "equality is written `==`"),
    "one ampersand": ("a & b", (2, 3), "`&` is no part of CEL", "and is written `&&`"),
    "one bar": ("a | b", (2, 3), "`|` is no part of CEL", "or is written `||`"),
    "a comment of another language": ("a # b", (2, 3), "`#` is no part of CEL", "a comment starts with `//`"),
    "an operator at the start": ("* a", (0, 1), "expected a value, found `*`", None),
    "two dots": ("1.2.3", (3, 5), "expected an operator after `1.2`, found `.3`", None),
    "a comma at the end of a list": ("[1,]", (3, 4), "expected a value, found `]`", None),
    "a call of what is no name": ("(a)(b)", (3, 4), "expected an operator after `)`, found `(`", None),
}  # fmt: skip


@pytest.mark.parametrize("case", ERRORS)
def test_a_syntax_error_is_said_at_its_place(case):
    text, span, message, way_out = ERRORS[case]
    assert parse(text) == Fault(name="syntax-error", message=message, span=span, help=way_out)


def test_the_recursion_limit_is_left_as_it_was():
    """celpy sets it to 2,500 for the whole process."""
    before = sys.getrecursionlimit()
    environment()
    parse("a < 1.0")
    assert sys.getrecursionlimit() == before


def test_there_is_one_environment():
    assert environment() is environment()


def test_another_users_grammar_of_celpy_stays_in_place():
    """Who uses celpy in the same process keeps its parser, and our places stay exact."""
    from canarypolicy.cel import parse as module
    from celpy.celparser import CELParser

    others = object()
    ours = CELParser.CEL_PARSER
    try:
        CELParser.CEL_PARSER = others
        built = module._built.__wrapped__()
        assert CELParser.CEL_PARSER is others
        assert built.grammar is not others
        CELParser.CEL_PARSER = None
        assert module._built.__wrapped__().grammar is CELParser.CEL_PARSER
    finally:
        CELParser.CEL_PARSER = ours


def test_a_text_that_is_no_expression_gives_the_offset_at_which_it_stops_to_be_one():
    assert [syntax_tree(text) for text in ("a # b", "a b", "a +")] == [2, 2, 3]


def test_celpy_is_silent():
    import logging

    environment()
    assert not logging.getLogger("celpy.celpy.evaluation").isEnabledFor(logging.ERROR)


def test_an_expression_as_deep_as_allowed_is_parsed_on_a_full_stack():
    def deeper(levels):
        return parse("1" + "+1" * 199) if levels == 0 else deeper(levels - 1)

    assert not isinstance(deeper(600), Fault)
