"""
JSON read strictly: where each member stands, and what is data although it looks like a fault.
"""

import math

import pytest
from canarypolicy.history.draft import BadLine
from canarypolicy.history.json_object import read_object


def underlined(text, bad):
    start, end = bad.place if bad.place is not None else (0, len(text))
    return text[start:end]


def test_whole_characters_written_as_two_halves_are_text():
    assert read_object(r'{"a": "\ud83d\ude00"}', "a line").text_of("a") == "\N{GRINNING FACE}"


def test_numbers_without_end_and_not_a_number_are_data():
    found = read_object(f'{{"a": NaN, "b": -Infinity, "c": 1e999, "d": {"9" * 5000}, "e": -{"9" * 5000}}}', "a line").members
    assert math.isnan(found["a"])
    assert list(found.values())[1:] == [-math.inf, math.inf, math.inf, -math.inf]


def test_integers_keep_every_digit():
    assert read_object('{"a": 9007199254740993}', "a line").members["a"] == 2**53 + 1


PLACES = [
    ("a member", '{"a": 1, "b" : [2, {"b": 3}], "c": 4}', ("b",), '[2, {"b": 3}]'),
    ("one of an inner object that has the name of an outer one", '{"a": {"b": 1},\n "b": {"a": "x" } }', ("b", "a"), '"x"'),
    ("text that looks like a member", '{"a": "\\"b\\": 1", "b": 2}', ("b",), "2"),
    ("a key with an escape", '{"\\u0062": 7}', ("b",), "7"),
    ("the whole text", ' {"a": 1}', (), ' {"a": 1}'),
]


@pytest.mark.parametrize(("text", "path", "expected"), [each[1:] for each in PLACES], ids=[each[0] for each in PLACES])
def test_a_fault_is_underlined_exactly(text, path, expected):
    assert underlined(text, read_object(text, "a line").refuse("x", "x", *path)) == expected


TWICE = [
    ("in the object itself", '{"a": 1, "b": 2, "a": 3}', '"a"', 17),
    ("in a member, though the outer object has that key, too", '{"a": 1, "b": {"a": 1, "a": 2}}', '"a"', 23),
    ("deeper than that: the whole line", '{"b": {"c": {"a": 1, "a": 2}}}', '{"b": {"c": {"a": 1, "a": 2}}}', 0),
    ("in an array: the whole line", '["{", {"a": 1, "a": 2}]', '["{", {"a": 1, "a": 2}]', 0),
]


@pytest.mark.parametrize(("text", "expected", "start"), [each[1:] for each in TWICE], ids=[each[0] for each in TWICE])
def test_a_key_that_stands_twice_is_found_where_it_does_so(text, expected, start):
    with pytest.raises(BadLine) as twice:
        read_object(text, "a line")
    assert (twice.value.name, underlined(text, twice.value)) == ("duplicate-key", expected)
    assert (twice.value.place or (0, 0))[0] == start


@pytest.mark.parametrize(
    "number", ["1" + "0" * 350, "Infinity", "-1e999"], ids=["an int beyond every double", "infinity", "overflow"]
)
def test_a_weight_without_end_is_a_fault(number):
    with pytest.raises(BadLine) as endless:
        read_object(f'{{"weight": {number}}}', "a line").weight_of("weight")
    assert endless.value.message == "expected a number of percent for `weight`, found one without end"


@pytest.mark.parametrize(("number", "weight"), [("null", None), ("NaN", None), ("10", 10.0), ("0.5", 0.5)])
def test_a_weight(number, weight):
    assert read_object(f'{{"weight": {number}}}', "a line").weight_of("weight") == weight


def test_nesting_beyond_the_stack_is_a_fault_of_the_line():
    with pytest.raises(BadLine) as deep:
        read_object("[" * 200_000, "a line")
    assert deep.value.name == "too-deep"
