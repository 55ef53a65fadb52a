"""
The reference is celpy with its errors mended: what raw celpy gives and what SPEC asks for, side by side.
"""

import threading

import pytest
from canarypolicy.cel.expression import UNKNOWN
from canarypolicy.cel.interpreted import interpret_tree

from cel_expressions import DECLARED, checked


def evaluate(text, values=None):
    expression = checked(text, results=True)
    return interpret_tree(expression.tree, expression.types)(values or {})


MENDED = {
    # raw celpy 0.5.0 gives something else, or an error, for each of these
    "nothing is divided by zero": ("canary.errors / canary.latency > 0.05", {"canary.errors": 0.0, "canary.latency": 0.0}, UNKNOWN),
    "no infinity of a negative": ("canary.errors / canary.latency < 0.0", {"canary.errors": -1.0, "canary.latency": 0.0}, UNKNOWN),
    "no overflow": ("canary.errors * 10.0 > 1.0", {"canary.errors": 1e308}, UNKNOWN),
    "an overflowed divisor does not vanish": ("1.0 / (canary.errors * 10.0) < 1.0", {"canary.errors": 1e308}, UNKNOWN),
    "a number before its limit": ("500 <= canary.requests", {"canary.requests": 500}, True),
    "a double before its limit": ("0.5 < canary.errors", {"canary.errors": 0.6}, True),
    "a double in a list of constants that were ints": ("canary.errors in [1, 2]", {"canary.errors": 1.0}, True),
    "no item from the end": ("[1, 2][canary.requests] == 2", {"canary.requests": -1}, UNKNOWN),
    "no item behind the end": ("[1, 2][canary.requests] == 2", {"canary.requests": 2}, UNKNOWN),
    "infinity is no double": ("double(zone) > 1.0", {"zone": "inf"}, UNKNOWN),
    "an underscore is no digit": ("int(zone) == 10", {"zone": "1_0"}, UNKNOWN),
    "five is no bool": ("bool(zone)", {"zone": "5"}, UNKNOWN),
    "true is written small": ("string(incident.data)", {"incident.data": True}, "true"),
    "a text over two lines": ("'''a\nb''' == zone", {"zone": "a\nb"}, True),
    "an error in a macro leaves `||` its say": ("[1].exists_one(x, x == canary.requests) || incident.data", {"incident.data": True}, True),
    "an error in a filter leaves `&&` its say": ("size([1].filter(x, x == canary.requests)) == 1 && incident.data", {"incident.data": False}, False),
    "an error in a nested macro leaves `||` its say": ("[1].all(x, [2].map(y, y / canary.requests)[0] > x || incident.data)", {"incident.data": True, "canary.requests": 0}, True),
    "two errors over an empty list": ("incident.data || (canary.requests in [] && incident.login)", {}, UNKNOWN),
    "a missing signal that has the name of a function": ("has(size)", {}, False),
    "a missing signal that has the name of a message": ("has(google.protobuf)", {}, False),
    "an unknown condition of two like branches": ("incident.data ? true : true", {}, UNKNOWN),
    "the smallest int has no opposite": ("-canary.requests > 0", {"canary.requests": -(2**63)}, UNKNOWN),
}  # fmt: skip


@pytest.mark.parametrize("case", MENDED)
def test_what_celpy_gives_otherwise_is_mended(case):
    text, values, expected = MENDED[case]
    declared = {**DECLARED, "size": DECLARED["zone"], "google.protobuf": DECLARED["zone"]}
    expression = checked(text, declared=declared)
    outcome = interpret_tree(expression.tree, expression.types)(values)
    assert outcome == expected
    assert type(outcome) is type(expected)


RESULTS = {
    "result.checks.all(c, c.ok)": False,
    "result.checks.exists(c, c.name == 'redis' && c.seconds < 1)": True,
    "result.checks.filter(c, !c.ok).map(c, c.detail) == ['refused']": True,
    "result.checks.filter(c, !c.ok) == []": False,
    "result.checks == result.checks": True,
    "result.checks.filter(c, c.ok) == result.checks.filter(c, !c.ok)": False,
    "size(result.checks) == result.passed + result.failed": True,
    "result.checks[0] == result.checks[1]": False,
    "result.checks.map(c, c.name)": ["redis", "mysql"],
    "result.checks.filter(c, c.ok)": [{"name": "redis", "ok": True, "detail": "", "seconds": 0.5}],
    "[] + [1] == [1]": True,
    "[[1, 2], [3]] == [[1, 2], [4]]": False,
    "[incident.data] == [true]": UNKNOWN,
    "incident.data in [true]": UNKNOWN,
    "[true, false] == [true, false]": True,
    "zone.matches('^a+$')": UNKNOWN,
    "'ab'.matches(\"b\") && matches('ab', '^a')": True,
    "'a' < 'b' && 'b' >= 'a' && 'é' != 'e'": True,
    "-7 / 2": -3,
    "-7 % 2": -1,
    "-(0.0)": -0.0,
    "2.5 - 1.5 * 2.0": -0.5,
    "'a' + 'b'": "ab",
    "[]": [],
}


@pytest.mark.parametrize("text", RESULTS)
def test_lists_records_and_texts(text):
    values = {
        "result.passed": 1,
        "result.failed": 1,
        "result.checks": [
            {"name": "redis", "ok": True, "detail": "", "seconds": 0.5},
            {"name": "mysql", "ok": False, "detail": "refused", "seconds": 2.0},
        ],
    }
    outcome = evaluate(text, values)
    assert outcome == RESULTS[text]
    assert str(outcome) == str(RESULTS[text])


def test_a_pattern_that_is_only_known_later():
    assert evaluate("'a'.matches(zone)", {"zone": "("}) is UNKNOWN
    assert evaluate("'a'.matches(zone)", {"zone": "a"}) is True


def test_unlike_values_are_unequal_and_no_error():
    """The typecheck keeps them apart; by themselves the operators still know."""
    from canarypolicy.cel.interpreted import _equal
    from celpy import celtypes as cel

    assert not _equal(cel.StringType("1"), cel.IntType(1))
    assert not _equal(cel.BoolType(True), cel.IntType(1))
    assert not _equal(cel.ListType([]), cel.StringType(""))
    assert _equal(cel.IntType(1), cel.DoubleType(1.0))


def test_values_that_are_not_read_do_not_matter():
    assert evaluate("canary.errors < 1.0", {"canary.errors": 0.5, "zone": object()}) is True


def test_threads_do_not_see_each_others_values():
    """celpy's other runner mixes them up."""
    expression = checked("canary.requests % 7 == 3 && zone.contains('a') ? canary.requests : -1")
    reading = interpret_tree(expression.tree, expression.types)
    wrong = []

    def work(start):
        for number in range(start, start + 60):
            expected = number if number % 7 == 3 else -1
            if reading({"canary.requests": number, "zone": "a"}) != expected:
                wrong.append(number)

    threads = [threading.Thread(target=work, args=(1000 * index,)) for index in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_an_empty_list_type_has_no_items():
    from canarypolicy.cel.interpreted import _to_cel
    from canarypolicy.cel.types import ListOf

    assert _to_cel([], ListOf(element=None)) == []
