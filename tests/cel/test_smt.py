"""
The proof's reading of expressions agrees with the reference and the compiled reading wherever it reads at all.
"""

from itertools import islice, product
from math import inf, nextafter
from random import Random

import pytest
from canarypolicy.cel import terms
from canarypolicy.cel.encoding import Encoding
from canarypolicy.cel.expression import UNKNOWN
from canarypolicy.cel.interpreted import interpret_tree
from canarypolicy.cel.interval import INT_MAX, INT_MIN, MAX, TRUTHS, Choices, Interval
from canarypolicy.cel.lowered import Variable
from canarypolicy.cel.smt import Lowering, lower
from canarypolicy.cel.terms import negated
from canarypolicy.documents.signals import SignalType
from canarypolicy.review.solver import Answer, Solver
from canarypolicy.review.validation import TermReading, named

from cel_expressions import checked
from review.drawing import SIGNALS, draw_expression

D, INT, B, S = SignalType.DOUBLE, SignalType.INT, SignalType.BOOL, SignalType.STRING
WITHIN = {
    "x": (D, Interval(0.0, 60.0)),
    "y": (D, Interval(0.0, 60.0)),
    "p": (D, Interval(0.5, 4.0)),
    "m": (D, Interval(-8.0, -0.5)),
    "w": (D, Interval(-MAX, MAX)),
    "i": (INT, Interval(0, 20)),
    "j": (INT, Interval(INT_MIN, INT_MAX)),
    "none": (INT, Interval(0, 0)),
    "three": (INT, Interval(3, 3)),
    "least": (INT, Interval(INT_MIN, INT_MIN)),
    "huge": (D, Interval(1e308, MAX)),
    "city": (S, Choices(frozenset(f"city-{index}" for index in range(300)))),
    "b": (B, TRUTHS),
    "c": (B, TRUTHS),
    "zone": (S, Choices(frozenset({"eu-1", "eu-2", "us"}))),
}
POINTS = {
    "x": [None, 0.0, 0.3, 1.0, 60.0, 5e-324, 0.1],
    "y": [None, 0.0, 0.25, 1.0, 50.0, 5e-324, 0.1],
    "p": [None, 0.5, 1.2, 4.0],
    "m": [None, -0.5, -1.2, -8.0],
    "w": [None, 0.0, -0.0, 1e308, -1.5, MAX, -MAX, 1e-300, 5e-324],
    "i": [None, 0, 1, 2, 3, 7, 20],
    "j": [None, 0, 5, -7, INT_MAX, INT_MIN, 2**53 + 1],
    "none": [None, 0],
    "three": [None, 3],
    "least": [None, INT_MIN],
    "huge": [None, 1e308, MAX],
    "city": [None, "city-1", "city-299"],
    "b": [None, True, False],
    "c": [None, True, False],
    "zone": [None, "eu-1", "eu-2", "us"],
}


def variable(name):
    type_, possible = WITHIN[name]
    make = {D: terms.real, B: terms.boolean}.get(type_, terms.whole)
    return Variable(name=name, type=type_, present=terms.boolean(f"{name} present"), value=make(name), possible=possible)


VARIABLES = {name: variable(name) for name in WITHIN}
DECLARED = {name: type_ for name, (type_, _) in WITHIN.items()}

LOWERED = """
x < 0.3 | x <= 0.3 | x > 0.3 | x >= 0.3 | x == 0.3 | x != 0.3 | 0.3 < x | 0.3 >= x | x < y | x == y | x != y
x * 1.2 <= y | x <= y * 1.2 | x / y <= 1.2 | x / y > 1.2 | x / y == 1.0 | x / y != 1.0 | x / y < 1.0 | x / y >= 1.0
1.2 >= x / y | 0.1 + x == 0.4 | x + y < 0.4 | x - y >= 0.0 | x - y > 0.0 | x * y <= 0.0 | x * y > 0.0 | -x < -0.3 | -(x - y) <= 0.1
x / p < 0.25 | x / m > -0.25 | m * p < -1.0 | m - x < -1.0 | p + m >= 0.0 | m / p >= y | p / m <= -x | m * m > y
w * 2.0 > 1.0 | w + w < 5.0 | w / y > 3.0 | w * w > x | w - 1e308 < x | 1.7976931348623157e308 - w * 2.0 >= x | w / w == 1.0
w * 2.0 > w | w * 1e-200 == 0.0 | w <= 1.7976931348623157e308 | w + 0.0 <= 1.7976931348623157e308 | w * 1.0 < -1.7976931348623157e308
x * 1.0 >= 5e-324 | m * 3.0 < -1.5 | -1.0 / 3.0 < m + x | w * 3.0 > -(2.0 / 3.0) | -1 * 2 < j + 1 | -least > 0 | int(huge) > 0 | huge * 10.0 > x | huge * 10.0 > 1.0 | huge + huge < x | (b ? x : x) > 0.3 | (x + y) * p > m | (x + y) * 2.0 < p / 3.0 | (x / y) / p > 0.1 | (x / y) * 0.0 == 0.0 | 2.0 * 3.0 < x | 1.0 / 3.0 * 3.0 == p
i < 3 | i + 1 <= 3 | i - 5 > -4 | i * 2 == 14 | i * i > 40 | i / 3 == 2 | i % 3 == 1 | -i < -3 | j / 2 < 3 | j / -2 < 3 | j % 5 == -2 | j % -5 == 0
j + 1 > 0 | j - 1 < 0 | j * 2 > 5 | j * j >= 25 | -j > 0 | -j == j | j / -1 > 0 | i / none == 1 | i % none == 1 | i / three == 2 | i % three == 1 | size([1, 2]) < i | (x / 4.0) * 8.0 > y * 2.0 | 2 + 3 < i | i in [1, 2, 3] | i + 1 in [1, i, 3]
double(i) < 2.5 | double(j) > 9007199254740992.0 | double(j) == 9007199254740992.0 | double(i) * 0.1 == 0.3 | double(j * 2) > 0.0 | double(x) < 1.0
int(x) == 0 | int(w) > 5 | int(m) == -1 | int(x * 2.0) == 2 | int(i) == 2 | int(x / y) > 0 | double("1.5") < x | double(j) - double(j) == 0.0
b | !b | b && c | b || c | b == c | b != c | b == true | b ? c : x > 1.0 | (b ? x : y) < 1.0 | (b ? i : 3) == 3 | (b ? zone : "us") == "us"
(b ? c : b) == (b && c) | !(b ? c : false) | bool(b) | bool(b) == c | (x > 1.0) == b | (b || x > 1.0) != has(c) | (!b) == c | has(x) | !has(zone) | has(x) == b
true | false | b && true | b || false | true == b | x in [0.3, 1.0] | x in [y, 1.0] | x in [] | zone in ["eu-1", "us"] | b in [c, true]
zone == "us" | zone != "us" | zone == "nowhere" | has(x) && x > 1.0 || b | x > 1.0 && y > 1.0 && !(b || c) | x > 1.0 ? y > 1.0 : y < 1.0
zone.startsWith("eu") | zone.matches("^eu-[12]$") || b | zone < "f" | size(zone) == 4 | zone + "x" == "usx" | string(b) == "true" | ["eu-1", "us"].exists(z, z == zone)
[zone, "us"].all(z, z.contains("u")) && b | size([b, c]) == 2 | [b, c] == [true, false] | int(string(b) == "true" ? "1" : "0") == 1 | [b, c][0] | bool(string(b))
""".replace("\n", " | ").split(" | ")
EXPRESSIONS = [text.strip() for text in LOWERED if text.strip()]

RIDDLES = {
    "string(x) == '0.3'": "`string` has no terms",
    "j % i == 0": "`%` by an int that is no constant has no terms",
    "j / i == 0": "`/` by an int that is no constant has no terms",
    "x > [1.0, y][i]": "lists and macros have no terms",
    "[x, y].exists(z, z > 1.0)": "lists and macros have no terms",
    "x in [y, 1.0] + [p]": "lists and macros have no terms",
    "double(zone) > x": "texts are joined or converted",
    "(zone + zone) + string(x) == ''": "texts are joined or converted",
    "double([1][3]) < x": "a constant has no value",
    "(b ? string(x) : zone) < 'x'": "`string` has no terms",
    "bool(string(x > 1.0)) && x > 1.0": "`string` has no terms",
    "city.startsWith('city-2')": "`startsWith` has no terms",
    "[b, x > 1.0].all(t, t) || b": "lists and macros have no terms",
}


def reading(text):
    expression = checked(text, declared=DECLARED, expects=B) if "'x'" not in text else checked(text, declared=DECLARED)
    encoding = Encoding()
    truth = lower(Lowering(encoding=encoding, variables=VARIABLES), expression)
    return expression, encoding, truth, TermReading(encoding, truth, named(VARIABLES))


def rows(expression, most=300):
    axes = [POINTS[name] for name in expression.signals]
    table = list(product(*axes))
    if len(table) > most:
        table = Random(1).sample(table, most)
    for row in table:
        yield {name: value for name, value in zip(expression.signals, row, strict=True) if value is not None}


@pytest.mark.parametrize("text", EXPRESSIONS)
def test_terms_give_what_the_reference_gives(text):
    """On every row the terms, the compiled reading and celpy give the same: true, false or unknown."""
    expression, encoding, _, read = reading(text)
    assert not encoding.opaque
    reference = interpret_tree(expression.tree, expression.types)
    for row in rows(expression):
        assert read.truth_at(row) is reference(row) is expression.evaluate(row), row


@pytest.mark.parametrize("text", EXPRESSIONS[::3])
def test_the_solver_admits_what_the_engine_gives(text):
    """Where the signals have these values, the solver does not exclude the engine's answer, rounding included."""
    expression, encoding, truth, _ = reading(text)
    solver = Solver()
    solver.add(encoding.definitions)
    for row in islice(rows(expression, most=12), 12):
        pinned = [term for name in expression.signals for term in _pinned(encoding, name, row)]
        outcome = expression.evaluate(row)
        so = truth.unknown if outcome is UNKNOWN else truth.yes if outcome else truth.no
        assert solver.ask([*pinned, so]).answer is Answer.POSSIBLE, row


def _pinned(encoding, name, row):
    signal = VARIABLES[name]
    if name not in row:
        yield negated(signal.present)
        return
    yield signal.present
    value = row[name]
    if isinstance(value, bool):
        yield signal.value if value else negated(signal.value)
    else:
        yield signal.value == terms.number(encoding.code_of(value) if isinstance(value, str) else value)


@pytest.mark.parametrize("text", RIDDLES)
def test_what_has_no_terms_is_a_riddle(text):
    """The smallest boolean around it is any truth value at all, with why; what is around that still agrees."""
    expression, encoding, _, read = reading(text)
    assert [each.reason for each in encoding.opaque.values()] == [RIDDLES[text]]
    for row in rows(expression):
        assert read.truth_at(row) is expression.evaluate(row), row


def test_riddles_are_shared_by_their_text_and_signals():
    """The same riddle in two expressions is one, so that what is around it can still be proved; one with another signal is not."""
    encoding = Encoding()
    lowering = Lowering(encoding=encoding, variables=VARIABLES)
    for text in ("string(x) == '1.0' && b", "c || string(x) == '1.0'", "string(y) == '1.0'"):
        lower(lowering, checked(text, declared=DECLARED))
    riddles = list(encoding.opaque.values())
    assert [each.text for each in riddles] == ['string(x) == "1.0"', 'string(y) == "1.0"']
    assert riddles[0].span == (0, 18)
    other = Lowering(encoding=encoding, variables={**VARIABLES, "x": variable("y")})
    lower(other, checked("string(x) == '1.0'", declared=DECLARED))
    assert len(encoding.opaque) == 3


@pytest.mark.parametrize("seed", range(30))
def test_drawn_expressions_agree(seed):
    """Drawn expressions over declared signals, at drawn values next to their limits."""
    random = Random(seed)
    types = {name: SignalType(each.get("type", "double")) for name, each in SIGNALS.items()}
    variables = {name: _of_document(name, types[name], each) for name, each in SIGNALS.items()}
    for _ in range(6):
        names = random.sample(list(SIGNALS), 3)
        text = draw_expression(random, names)
        try:
            expression = checked(
                text, declared={**types, "rollout.step": S, "rollout.weight": D, "rollout.step_elapsed_seconds": D}
            )
        except AssertionError:
            continue  # a drawn text that the typecheck refuses
        if any(name.startswith("rollout.") for name in expression.signals):
            continue
        encoding = Encoding()
        read = TermReading(encoding, lower(Lowering(encoding=encoding, variables=variables), expression), named(variables))
        reference = interpret_tree(expression.tree, expression.types)
        for _ in range(25):
            row = {name: value for name in expression.signals if (value := _drawn(random, variables[name])) is not None}
            assert read.truth_at(row) is reference(row) is expression.evaluate(row), (text, row)


def _of_document(name, type_, signal):
    low, high = signal.get("range", (None, None))
    possible = {
        D: Interval(-MAX if low is None else float(low), MAX if high is None else float(high)),
        INT: Interval(INT_MIN if low is None else low, INT_MAX if high is None else high),
        B: TRUTHS,
    }.get(type_) or Choices(frozenset(signal.get("values", ())))
    make = {D: terms.real, B: terms.boolean}.get(type_, terms.whole)
    return Variable(name=name, type=type_, present=terms.boolean(f"{name} present"), value=make(name), possible=possible)


def _drawn(random, signal):
    if random.random() < 0.15:
        return None
    if isinstance(signal.possible, Choices):
        return random.choice(sorted(signal.possible.values, key=str))
    number = random.choice(
        (0.0, 0.1, 0.2, 0.3, 0.5, 0.7, 1.0, 1.2, 2.0, 3.0, 5.0, 500.0, -1.5, signal.possible.low, signal.possible.high)
    )
    number = random.choice((number, nextafter(number, inf), nextafter(number, -inf), number / 1.2, number * 1.2))
    number = min(max(number, signal.possible.low), signal.possible.high)
    return int(number) if signal.type is INT else float(number)


def test_names_are_followed_to_signals():
    """What a formula is computed from is found through results, and results of results; what else was computed is not in it."""
    encoding = Encoding()
    lowering = Lowering(encoding=encoding, variables=VARIABLES)
    truths = [lower(lowering, checked(text, declared=DECLARED)) for text in ("x / y * 1.1 > p", "m + x > p")]
    assert {"x", "y", "p"} <= encoding.names_in((truths[0].yes,))
    assert not {"x", "y", "p", "m"} - encoding.names_in(term for truth in truths for term in (truth.yes, truth.no))
    assert "y" not in encoding.names_in((truths[1].yes,))
    assert encoding.riddles_in((truths[0].yes,)) == ()
    assert encoding.text_of(encoding.code_of("eu-1")) == "eu-1"


PROVED = [
    ("x >= 0.3 && b", "!(x < 0.3 || !b)"),
    ("x + 1.0 > 1.0", "x * 1.0 > 0.0 && x + 1.0 > 1.0"),
    ("x * y > 0.5", "y * x > 0.5"),
    ("x * y > p", "y * x > p"),
    ("x * 2.0 > 1.0", "x > 0.5"),
    ("x / 2.0 <= 0.5", "x <= 1.0"),
    ("i > 2", "i >= 3"),
    ("zone.startsWith('eu')", "zone in ['eu-1', 'eu-2']"),
    ("x - y > 0.0", "x > y"),
    ("int(x) >= 1", "x >= 1.0"),
]


@pytest.mark.parametrize(("one", "other"), PROVED)
def test_expressions_that_are_proved_to_be_one(one, other):
    """Expressions that mean the same are proved to, unknowns included, rounding included."""
    assert _differences(one, other) == [Answer.IMPOSSIBLE] * 4


DIFFERENT = [
    ("x / y <= 1.2", "x <= y * 1.2"),
    ("x >= 0.3", "x > 0.3"),
    ("x + y - y > 1.0", "x > 1.0"),
    ("x * 0.1 >= 0.3", "x >= 3.0"),
    ("x > 1.0 || b", "x > 1.0"),
]


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_expressions_that_only_look_alike_are_not(one, other):
    """What differs at one double, or only in what is unknown, is not proved to be the same."""
    assert Answer.POSSIBLE in _differences(one, other)


def _differences(one, other):
    encoding = Encoding()
    lowering = Lowering(encoding=encoding, variables=VARIABLES)
    a, b = (lower(lowering, checked(text, declared=DECLARED)) for text in (one, other))
    solver = Solver()
    solver.add(encoding.definitions)
    for name, (_, possible) in WITHIN.items():
        if isinstance(possible, Interval):
            solver.add(
                [VARIABLES[name].value >= terms.number(possible.low), VARIABLES[name].value <= terms.number(possible.high)]
            )
    codes = [VARIABLES["zone"].value == encoding.code_of(text) for text in sorted(WITHIN["zone"][1].values)]
    solver.add([terms.any_of(codes)])
    return [solver.ask([x, negated(y)]).answer for x, y in ((a.yes, b.yes), (b.yes, a.yes), (a.no, b.no), (b.no, a.no))]
