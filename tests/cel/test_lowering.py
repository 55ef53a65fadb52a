"""
celpy's tree becomes ours with exact places; what policies do not have is refused where it stands.
"""

import pytest
from canarypolicy.cel.fault import Fault
from canarypolicy.cel.parse import parse
from canarypolicy.cel.tree import (
    And,
    Arithmetic,
    Call,
    Compare,
    Conditional,
    Has,
    In,
    Index,
    List,
    Literal,
    Macro,
    Negate,
    Not,
    Or,
    Signal,
    walk,
)

SPAN = (0, 0)


def lit(value):
    return Literal(value=value, span=SPAN)


def sig(name):
    return Signal(name=name, span=SPAN)


TREES = {
    "true": lit(True),
    "7": lit(7),
    "-7": lit(-7),
    "- 7": Negate(operand=lit(7), span=SPAN),
    "-(7)": Negate(operand=lit(7), span=SPAN),
    "0x1F": lit(31),
    "-0x1f": lit(-31),
    "007": lit(7),
    "9223372036854775807": lit(2**63 - 1),
    "-9223372036854775808": lit(-(2**63)),
    "7.": lit(7.0),
    "-.5e-3": lit(-0.0005),
    "-0.0": lit(-0.0),
    "a.b_c": sig("a.b_c"),
    "a . b.c": sig("a.b.c"),
    "(a)": sig("a"),
    "has(a.b)": Has(name="a.b", span=SPAN, name_span=SPAN),
    "!a": Not(operand=sig("a"), span=SPAN),
    "-a": Negate(operand=sig("a"), span=SPAN),
    "a && b || c": Or(left=And(left=sig("a"), right=sig("b"), span=SPAN), right=sig("c"), span=SPAN),
    "a ? b : c ? d : e": Conditional(
        condition=sig("a"), yes=sig("b"), no=Conditional(condition=sig("c"), yes=sig("d"), no=sig("e"), span=SPAN), span=SPAN
    ),
    "a - 1 < b * 2": Compare(
        operator="<",
        left=Arithmetic(operator="-", left=sig("a"), right=lit(1), span=SPAN),
        right=Arithmetic(operator="*", left=sig("b"), right=lit(2), span=SPAN),
        span=SPAN,
    ),
    "a - b - c": Arithmetic(
        operator="-", left=Arithmetic(operator="-", left=sig("a"), right=sig("b"), span=SPAN), right=sig("c"), span=SPAN
    ),
    "a in [1, 2]": In(item=sig("a"), container=List(items=(lit(1), lit(2)), span=SPAN), span=SPAN),
    "[]": List(items=(), span=SPAN),
    "a[0]": Index(operand=sig("a"), index=lit(0), span=SPAN),
    "size(a)": Call(function="size", target=None, arguments=(sig("a"),), span=SPAN),
    "now()": Call(function="now", target=None, arguments=(), span=SPAN),
    "a.b.size()": Call(function="size", target=sig("a.b"), arguments=(), span=SPAN),
    "a.all(x, x)": Macro(function="all", target=sig("a"), variable="x", body=sig("x"), span=SPAN, variable_span=SPAN),
} | {
    f"a {operator} b": Compare(operator=operator, left=sig("a"), right=sig("b"), span=SPAN)
    for operator in ("<", "<=", ">", ">=", "==", "!=")
} | {
    f"a {operator} b": Arithmetic(operator=operator, left=sig("a"), right=sig("b"), span=SPAN) for operator in "+-*/%"
}  # fmt: skip


@pytest.mark.parametrize("text", TREES)
def test_text_becomes_a_tree(text):
    assert parse(text) == TREES[text]


STRINGS = {
    "''": "",
    '"a\'b"': "a'b",
    "'a\"b'": 'a"b',
    "r'\\d'": "\\d",
    'R"""\\n"""': "\\n",
    "'''a\nb'''": "a\nb",
    r'"\a\b\f\n\r\t\v\\\'\"\?\`"': "\a\b\f\n\r\t\v\\'\"?`",
    r'"\x41\X42\103\u00e4\U0001F600"': "ABCä😀",
    "'é日本'": "é日本",
}


@pytest.mark.parametrize("text", STRINGS)
def test_string_literals(text):
    assert parse(text) == lit(STRINGS[text])


REFUSED = {
    "a map": ("{'a': 1}", "unsupported-construct", "{'a': 1}", "a map cannot stand in a policy's expression", None),
    "a message": ("A{}", "unsupported-construct", "A{}", "a message cannot stand in a policy's expression", None),
    "a leading dot": ("a < .b", "unsupported-construct", ".b", "a name with a leading dot cannot stand in a policy's expression", None),
    "a function with a leading dot": (".f(a)", "unsupported-construct", ".f(a)", "a function with a leading dot cannot stand in a policy's expression", None),
    "null": ("a == null", "unsupported-construct", "null", "no value is `null`: a missing signal is unknown", "ask `has(SIGNAL)` whether a signal is present"),
    "an unsigned int": ("a < 5u", "unsupported-construct", "5u", "an unsigned int cannot stand in a policy's expression", "write `5`"),
    "bytes": ("b'a'", "unsupported-construct", "b'a'", "a bytes literal cannot stand in a policy's expression", None),
    "a field of a call": ("f(a).b < 1", "unsupported-construct", "b", "field `b` is asked of an expression; only names have fields", "name an item with a macro: `result.checks.exists(c, c.ok)`"),
    "a field of an item": ("a[0].b.c", "unsupported-construct", "b", "field `b` is asked of an expression; only names have fields", "name an item with a macro: `result.checks.exists(c, c.ok)`"),
    "a field behind parentheses": ("(a).b", "unsupported-construct", "b", "field `b` is asked of an expression; only names have fields", "name an item with a macro: `result.checks.exists(c, c.ok)`"),
    "an infinite literal": ("a < 1e999", "not-finite", "1e999", "`1e999` is larger than every double", None),
    "an int of 65 bits": ("9223372036854775808", "int-out-of-range", "9223372036854775808", "`9223372036854775808` is no 64-bit int", "write a double, such as `1e20`"),
    "an int too small": ("-9223372036854775809", "int-out-of-range", "-9223372036854775809", "`-9223372036854775809` is no 64-bit int", "write a double, such as `1e20`"),
    "has of a sum": ("has(a + b)", "has-of-expression", "a + b", "`has` takes the name of one signal", "write `has(SIGNAL)`, once for each signal"),
    "has of nothing": ("has()", "has-of-expression", "has()", "`has` takes the name of one signal", "write `has(SIGNAL)`, once for each signal"),
    "has of two": ("has(a, b)", "has-of-expression", "has(a, b)", "`has` takes the name of one signal", "write `has(SIGNAL)`, once for each signal"),
    "a macro of one argument": ("a.all(x)", "wrong-arguments", "a.all(x)", "`all` takes a variable and an expression, found 1 argument", "write `.all(x, EXPRESSION)`"),
    "a macro of three arguments": ("a.map(x, y, z)", "wrong-arguments", "a.map(x, y, z)", "`map` takes a variable and an expression, found 3 arguments", "write `.map(x, EXPRESSION)`"),
    "a macro's variable with a dot": ("a.all(x.y, true)", "wrong-arguments", "x.y", "the first argument of `all` is the name of a variable", "write `.all(x, EXPRESSION)`"),
    "a macro's variable that is none": ("a.exists(1, true)", "wrong-arguments", "1", "the first argument of `exists` is the name of a variable", "write `.exists(x, EXPRESSION)`"),
    "an unknown escape": (r"a == 'x\q'", "invalid-escape", r"\q", r"`\q` is no escape sequence of CEL", 'write `\\\\` for a backslash, or a raw string such as `r"\\d+"`'),
    "an unknown escape in three quotes": ('"""x\\z"""', "invalid-escape", r"\z", r"`\z` is no escape sequence of CEL", 'write `\\\\` for a backslash, or a raw string such as `r"\\d+"`'),
    "half a surrogate pair": (r"'\ud800'", "invalid-escape", r"\ud800", r"`\ud800` is no escape sequence of CEL", 'write `\\\\` for a backslash, or a raw string such as `r"\\d+"`'),
    "a character beyond all": (r"'\U00110000'", "invalid-escape", r"\U00110000", r"`\U00110000` is no escape sequence of CEL", 'write `\\\\` for a backslash, or a raw string such as `r"\\d+"`'),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_policies_do_not_have_is_refused_at_its_place(case):
    text, name, underlined, message, way_out = REFUSED[case]
    fault = parse(text)
    assert isinstance(fault, Fault)
    assert (fault.name, text[slice(*fault.span)], fault.message, fault.help) == (name, underlined, message, way_out)


PLACES = {
    "a.b <= c.d * 1.2": ["a.b <= c.d * 1.2", "a.b", "c.d * 1.2", "c.d", "1.2"],
    " (a || b) && !c ": ["(a || b) && !c", "a || b", "a", "b", "!c", "c"],
    "true && (false || a)": ["true && (false || a)", "true", "false || a", "false", "a"],
    "has(a.b) ? -1 : - 1": ["has(a.b) ? -1 : - 1", "has(a.b)", "-1", "- 1", "1"],
    "f('é', [x])": ["f('é', [x])", "'é'", "[x]", "x"],
    "a\n  < b": ["a\n  < b", "a", "b"],
    "[1].all(x, x[0])": ["[1].all(x, x[0])", "[1]", "1", "x[0]", "x", "0"],
}


@pytest.mark.parametrize("text", PLACES)
def test_every_node_knows_its_text(text):
    assert [text[slice(*node.span)] for node in walk(parse(text))] == PLACES[text]


def test_the_name_in_has_and_the_variable_of_a_macro_know_theirs():
    assert parse("x || has( a.b )").right.name_span == (10, 13)
    assert parse("[1].all( xy , true)").variable_span == (9, 11)
