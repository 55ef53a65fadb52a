"""
Limits hold before the parser sees a text, and words are told apart as celpy's grammar does.
"""

import pytest
from canarypolicy.cel.fault import Fault
from canarypolicy.cel.limits import MAX_CHARACTERS, MAX_NESTING, MAX_TOKENS, scan
from canarypolicy.cel.parse import parse, syntax_tree
from hypothesis import given, settings
from hypothesis import strategies as st

REFUSED = {
    "one character too many": ("a" * 4097, "expression-too-long", (4096, 4097), "the expression has 4097 characters, at most 4096 are allowed"),
    "5,000 characters": ("a" * 5000, "expression-too-long", (4096, 4097), "the expression has 5000 characters, at most 4096 are allowed"),
    "one bracket too deep": ("(" * 33 + "a" + ")" * 33, "expression-too-nested", (32, 33), "the expression is nested more than 32 deep here"),
    "60 deep": ("(" * 60 + "a" + ")" * 60, "expression-too-nested", (32, 33), "the expression is nested more than 32 deep here"),
    "lists count as well": ("[" * 33 + "]" * 33, "expression-too-nested", (32, 33), "the expression is nested more than 32 deep here"),
    "one sign too many": ("!" * 33 + "a", "expression-too-nested", (32, 33), "the expression is nested more than 32 deep here"),
    "signs in brackets": ("(" * 30 + "- - - a" + ")" * 30, "expression-too-nested", (34, 35), "the expression is nested more than 32 deep here"),
    "conditionals in conditionals": ("a ? b : " * 33 + "c", "expression-too-nested", (258, 259), "the expression is nested more than 32 deep here"),
    "one token too many": ("1" + "+1" * 200, "expression-too-many-tokens", (400, 401), "the expression has more than 400 tokens, this is the first one too many"),
    "a bracket that is never closed": ("f(a, (b)", "syntax-error", (1, 2), "`(` is never closed"),
    "a bracket that closes nothing": ("a)", "syntax-error", (1, 2), "`)` closes nothing"),
    "brackets that cross": ("(a]", "syntax-error", (2, 3), "`]` cannot close `(`"),
    "a string that is never closed": ("a == 'b", "syntax-error", (5, 7), "the string that starts here is never closed"),
    "a closing quote that is escaped": ('a == "\\"', "syntax-error", (5, 8), "the string that starts here is never closed"),
    "a string over a line break": ("'a\nb'", "syntax-error", (0, 5), "the string that starts here is never closed"),
    "three quotes that are never closed": ("'''a'", "syntax-error", (0, 5), "the string that starts here is never closed"),
    "a character of no language": ("a \u20ac b", "syntax-error", (2, 3), "`\u20ac` is no part of CEL"),
    "a character that cannot be shown": ("a\x00", "syntax-error", (1, 2), "`U+0000` is no part of CEL"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_a_text_over_a_limit_is_refused_where_it_goes_over(case):
    text, name, span, message = REFUSED[case]
    fault = scan(text)
    assert isinstance(fault, Fault)
    assert (fault.name, fault.span, fault.message) == (name, span, message)


KEPT = {
    "as many characters as allowed": "a" * MAX_CHARACTERS,
    "as many brackets as allowed": "(" * MAX_NESTING + "a" + ")" * MAX_NESTING,
    "as many signs as allowed": "!" * MAX_NESTING + "a",
    "brackets side by side": "(a)+" * 50 + "a",
    "conditionals side by side": "f(" + ",".join(["a?b:c"] * 40) + ")",
    "a subtraction is no sign": "a" + "-a" * 100,
    "quotes in brackets' place": "'((((((((((((((((((((((((((((((((((((((((('",
    "a comment full of brackets": "a // " + "(" * 100,
}


@pytest.mark.parametrize("case", KEPT)
def test_a_text_at_a_limit_is_kept(case):
    assert not isinstance(scan(KEPT[case]), Fault)


def test_as_many_tokens_as_allowed_are_kept():
    assert len(scan("-a" + "+1" * 199)) == MAX_TOKENS


WORDS = {
    "a.b_c<=1.5e3": ["a", ".", "b_c", "<=", "1.5e3"],
    "-5": ["-5"],
    "a-5": ["a", "-", "5"],
    "a - -5": ["a", "-", "-5"],
    "- 5": ["-", "5"],
    "!-.5": ["!", "-.5"],
    "x in [-1]": ["x", "in", "[", "-1", "]"],
    "f(a)-1": ["f", "(", "a", ")", "-", "1"],
    "0x1F 12u 1.": ["0x1F", "12u", "1."],
    "a&&b||!c": ["a", "&&", "b", "||", "!", "c"],
    "r'\\d' b\"x\" '''a'b\n'''": ["r'\\d'", 'b"x"', "'''a'b\n'''"],
    '"""a"b"""': ['"""a"b"""'],
    "'' + \"\"": ["''", "+", '""'],
    "in-5 in [in]": ["in", "-", "5", "in", "[", "in", "]"],
    "a // b\n + c": ["a", "+", "c"],
}  # fmt: skip


@pytest.mark.parametrize("text", WORDS)
def test_words_and_their_places(text):
    tokens = scan(text)
    assert [token.text for token in tokens] == WORDS[text]
    assert all(text[slice(*token.span)] == token.text for token in tokens)


WORD = st.sampled_from([*"()[]{}.,?:!-+*/%<>", "&&", "||", "==", "in", "a", "b.c", "1", "-1", "1.5", ".5", "0x1f", "7u", "true", "'a'", '"\\""', "r'\\'", "'''x'''", "has", " ", "\n", "// c\n", "\\", "'", '"', "é", "="])  # fmt: skip


@settings(deadline=None, derandomize=True, max_examples=500)
@given(st.lists(WORD, max_size=40).map("".join))
def test_no_text_of_words_makes_the_parser_raise(text):
    """Whatever is written, there is a tree or a fault whose place lies in the text."""
    found = parse(text)
    if isinstance(found, Fault):
        start, end = found.span
        assert 0 <= start <= end <= len(text)
        assert "Token" not in found.message


@settings(deadline=None, derandomize=True, max_examples=300)
@given(st.lists(WORD, max_size=25).map("".join))
def test_words_are_told_apart_as_celpy_does(text):
    """Nothing hides from the count: what celpy parses has the very words that were counted."""
    tokens = scan(text)
    if isinstance(tokens, Fault) or not tokens:
        return
    syntax = syntax_tree(text)
    if isinstance(syntax, int):
        return
    leaves = [str(leaf) for leaf in syntax.scan_values(lambda _: True)]
    assert leaves == [token.text for token in tokens if token.kind != "operator"]
