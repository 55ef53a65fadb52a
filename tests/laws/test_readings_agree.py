"""
Compiled = celpy = a tiny tree walker, value for value, unknowns included; and wrong compiled readings are caught.
"""

import math
import random

import pytest
from canarypolicy.cel import arithmetic, compiled, writing
from canarypolicy.cel.checking import check_expression
from canarypolicy.cel.expression import UNKNOWN
from canarypolicy.cel.interpreted import interpret_tree
from canarypolicy.documents.signals import Signal, SignalType
from canarypolicy.documents.span import Embedded, SourceText
from canarypolicy.engine.sample import admit

from cel_walker import walk_tree

EXPRESSIONS = 5_000
ROWS_EACH = 12

DECLARED = {
    "d.x": SignalType.DOUBLE, "d.y": SignalType.DOUBLE, "d.z": SignalType.DOUBLE,
    "i.x": SignalType.INT, "i.y": SignalType.INT,
    "b.x": SignalType.BOOL, "b.y": SignalType.BOOL,
    "s.x": SignalType.STRING, "s.y": SignalType.STRING,
}  # fmt: skip
DOUBLES = [
    0.0,
    -0.0,
    1.0,
    -1.0,
    0.5,
    0.01,
    math.nextafter(0.01, 1),
    math.nextafter(0.01, 0),
    1e308,
    -1e308,
    5e-324,
    2.0**53,
    2.0**53 + 2,
    math.nan,
    math.inf,
    -math.inf,
]
INTS = [0, 1, -1, 2, 3, -7, 2**53, 2**53 + 1, 2**63 - 1, -(2**63), 2**63, 7.0]
STRINGS = [
    "",
    "a",
    "canary",
    "é",
    "日本",
    "canary-50",
    "true",
    "f",
    "1",
    "-7",
    "+9",
    "1_0",
    " 1",
    "1.5",
    "-0.0",
    "1e999",
    "inf",
    "nan",
    "0x10",
    "٣",
    "9223372036854775808",
]
SIGNAL = {
    SignalType.DOUBLE: Signal(healthy=0.0), SignalType.INT: Signal(type="int", healthy=0),
    SignalType.BOOL: Signal(type="bool", healthy=False), SignalType.STRING: Signal(type="string", healthy="", values=tuple(STRINGS)),
}  # fmt: skip
POOL = {SignalType.DOUBLE: DOUBLES, SignalType.INT: INTS, SignalType.BOOL: [True, False], SignalType.STRING: STRINGS}


def double(rng, depth):
    if depth == 0 or rng.random() < 0.25:
        return rng.choice(["d.x", "d.y", "d.z", "0.0", "0.01", "1.0", "1e308", "5e-324", "-1.5", "3"])
    kind = rng.randrange(8)
    if kind == 7:
        return f"double({string(rng, depth - 1)})"
    if kind == 0:
        return f"-({double(rng, depth - 1)})"
    if kind == 1:
        return f"({boolean(rng, depth - 1)} ? {double(rng, depth - 1)} : {double(rng, depth - 1)})"
    if kind == 2:
        return f"double({integer(rng, depth - 1)})"
    return f"({double(rng, depth - 1)} {rng.choice('+-*/')} {double(rng, depth - 1)})"


def integer(rng, depth):
    if depth == 0 or rng.random() < 0.3:
        return rng.choice(["i.x", "i.y", "0", "1", "2", "-7", "9223372036854775807"])
    kind = rng.randrange(9)
    if kind == 0:
        return f"size({string(rng, depth - 1)})"
    if kind == 1:
        return f"int({double(rng, depth - 1)})"
    if kind == 2:
        return f"int({string(rng, depth - 1)})"
    if kind == 3:
        return f"-({integer(rng, depth - 1)})"
    if kind == 4:
        return f"({boolean(rng, depth - 1)} ? {integer(rng, depth - 1)} : {integer(rng, depth - 1)})"
    return f"({integer(rng, depth - 1)} {rng.choice('+-*/%')} {integer(rng, depth - 1)})"


def string(rng, depth=0):
    kind = rng.randrange(8) if depth > 0 else 0
    if kind == 1:
        return f"({string(rng, depth - 1)} + {string(rng, depth - 1)})"
    if kind == 2:
        return f"string({rng.choice([double, integer, boolean])(rng, depth - 1)})"
    if kind == 3:
        return f"({boolean(rng, depth - 1)} ? {string(rng, depth - 1)} : {string(rng, depth - 1)})"
    return rng.choice(["s.x", "s.y", '"a"', '"canary-50"', '""'])


def listed(rng, depth):
    """Draw a membership in a list of any type, its items now and then computed."""
    make = rng.choice([double, integer, string, boolean])
    return f"{make(rng, depth)} in [{', '.join(make(rng, rng.choice([0, depth])) for _ in range(rng.randrange(4)))}]"


def boolean(rng, depth):
    kind = rng.randrange(14) if depth > 0 else rng.randrange(4)
    match kind:
        case 0:
            return rng.choice(["b.x", "b.y", "true", "false"])
        case 1:
            return f"has({rng.choice(list(DECLARED))})"
        case 2:
            return f"{string(rng)}.{rng.choice(['contains', 'startsWith', 'endsWith'])}({string(rng)})"
        case 3:
            return (
                f"({listed(rng, max(depth - 1, 0))})"
                if depth
                else f"{rng.choice(['i.x', 'i.y'])} in [{integer(rng, 0)}, {integer(rng, 0)}]"
            )
        case 4:
            return f"!({boolean(rng, depth - 1)})"
        case 5:
            return f"({boolean(rng, depth - 1)} ? {boolean(rng, depth - 1)} : {boolean(rng, depth - 1)})"
        case 6:
            return f"({integer(rng, depth - 1)} {rng.choice(['<', '<=', '>', '>=', '==', '!='])} {integer(rng, depth - 1)})"
        case 7 | 8:
            return f"({double(rng, depth - 1)} {rng.choice(['<', '<=', '>', '>=', '==', '!='])} {double(rng, depth - 1)})"
        case 9:
            return f"({string(rng, depth - 1)} {rng.choice(['==', '!=', '<', '>='])} {string(rng, depth - 1)})"
        case 10:
            return f"bool({string(rng, depth - 1)})"
        case 11:
            return f"({boolean(rng, depth - 1)} {rng.choice(['==', '!='])} {boolean(rng, depth - 1)})"
        case _:
            return f"({boolean(rng, depth - 1)} {rng.choice(['&&', '||'])} {boolean(rng, depth - 1)})"


def uncompiled(rng):
    """Draw an expression with a macro, a list or a pattern, which only the reference reads."""
    make = rng.choice([double, integer, string, boolean])
    items = "[" + ", ".join(make(rng, rng.choice([0, 1])) for _ in range(rng.randrange(1, 4))) + "]"
    about = {double: "v < d.x", integer: "v % i.y == 1", string: "v == s.x || b.x", boolean: "v && b.x"}[make]
    match rng.randrange(7):
        case 0 | 1 | 2:
            macro = f"{items}.{rng.choice(['all', 'exists', 'exists_one'])}(v, {about})"
            return f"{macro} {rng.choice(['&&', '||'])} {boolean(rng, 1)}"
        case 3:
            return f"{items}.filter(v, {about}) == {items} || {boolean(rng, 1)}"
        case 4:
            return f"{items}.map(v, {about})[{rng.choice(['0', '1', '-1', 'i.x'])}] ? {boolean(rng, 1)} : b.y"
        case 5:
            pattern = rng.choice(['"^a"', '"[0-9]+$"', '"canary-(10|50)"', '""'])
            return f"{string(rng, 1)}.matches({pattern}) && {boolean(rng, 1)}"
        case _:
            return f"size({items} + {items}) == {integer(rng, 1)} || {items}[0] in {items}"


def row(rng):
    """Draw a row as a source would give it, and admit it: NaN, infinities and what does not fit come out missing."""
    values = {}
    for name, type_ in DECLARED.items():
        if rng.random() < 0.2:
            continue
        value, _ = admit(rng.choice(POOL[type_]), SIGNAL[type_])
        if value is not None:
            values[name] = value
    return values


def expression(text):
    source = SourceText(path="x", text=text)
    checked, faults = check_expression(
        Embedded(text=text, span=source.span(0, len(text)), offsets=tuple(range(len(text) + 1))), DECLARED, expects=None
    )
    return checked if checked is not None else tuple(fault.name for fault in faults)


def drawn(count, makers=None, seed=20260501):
    """Draw so many expressions that typecheck; those that can only be unknown are findings and left out."""
    rng = random.Random(seed)
    if makers is not None:
        makers = [lambda make=make: make(rng) for make in makers]
    makers = makers or [
        lambda: boolean(rng, 3),
        lambda: boolean(rng, 4),
        lambda: double(rng, 3),
        lambda: integer(rng, 3),
        lambda: string(rng, 3),
    ]
    found = []
    while len(found) < count:
        checked = expression(makers[len(found) % len(makers)]())
        if not isinstance(checked, tuple):
            found.append(checked)
        else:
            assert set(checked) <= {"constant-unknown", "constant-in-doubles", "int-double-mix", "type-mismatch"}, checked
    return found


def same(one, other):
    if one is UNKNOWN or other is UNKNOWN:
        return one is other
    return (
        type(one) is type(other)
        and one == other
        and (not isinstance(one, float) or math.copysign(1, one) == math.copysign(1, other))
    )


@pytest.fixture(scope="module")
def expressions():
    return drawn(EXPRESSIONS)


def test_the_three_readings_agree_on_every_value(expressions):
    rng = random.Random(7)
    unknown = total = 0
    for checked in expressions:
        assert checked.fell_back is None
        reference = interpret_tree(checked.tree, checked.types)
        for _ in range(ROWS_EACH):
            values = row(rng)
            outcome = checked.evaluate(values)
            assert same(outcome, walk_tree(checked.tree, values)), (checked.text, values, outcome)
            needed = {name: values[name] for name in checked.types if name in values}
            assert same(outcome, reference(needed)), (checked.text, needed, outcome, reference(needed))
            total += 1
            unknown += outcome is UNKNOWN
    assert 0.1 < unknown / total < 0.9  # both kinds of rows are there


def test_the_reference_agrees_with_the_walker_where_it_alone_reads():
    rng = random.Random(13)
    outcomes = []
    for checked in drawn(400, [uncompiled]):
        assert checked.fell_back is not None
        for _ in range(ROWS_EACH):
            values = row(rng)
            outcomes.append(checked.evaluate(values))
            assert same(outcomes[-1], walk_tree(checked.tree, values)), (checked.text, values, outcomes[-1])
    assert all(0.1 < sum(each is kind for each in outcomes) / len(outcomes) < 0.8 for kind in (True, False, UNKNOWN))


def differs(expressions):
    """Tell whether the comparison would notice the compiled reading as it is patched now."""
    rng = random.Random(11)
    for checked in expressions:
        reading = compiled.compile_tree(checked.tree, checked.types)
        for _ in range(ROWS_EACH):
            values = row(rng)
            if not same(reading(values), walk_tree(checked.tree, values)):
                return True
    return False


def _greater(writer, operator, left, right):
    return writing.Part(
        code=writer.assign(f"{left.code} {'>' if operator == '>=' else operator} {right.code}"), type=SignalType.BOOL
    )


def _has_always(writer, name):
    return writing.Part(code=writer.assign("True"), type=SignalType.BOOL)


def _zero_for_missing(writer, name, node):
    zero = {SignalType.DOUBLE: 0.0, SignalType.INT: 0, SignalType.BOOL: False, SignalType.STRING: ""}[writer.types[name]]
    return writing.Part(code=f"values.get({name!r}, {zero!r})", type=writer.types[name])


def _strict_logic(writer, left, right):
    first, second = compiled._settle(writer, left).code, compiled._settle(writer, right).code
    variable = writer.assign(f"UNKNOWN if {first} is UNKNOWN or {second} is UNKNOWN else ({first} and {second})")
    return writing.Part(code=variable, type=SignalType.BOOL)


def _in_by_identity(writer, item, items):
    one, others = writer.assign(item.code), [writer.assign(each.code) for each in items]
    return writing.Part(code=writer.assign(" or ".join(f"{one} is {each}" for each in others) or "False"), type=SignalType.BOOL)


def _double_from_zero(writer, operand):
    return writing.Part(code=writer.assign(f"0 - ({operand.code})"), type=operand.type, is_computed=operand.is_computed)


WRONG = {
    "`>=` taken for `>`": ("compare", _greater),
    "no test for 64 bits": ("int64", lambda writer, variable: None),
    "no test for finite results": ("checked", lambda writer, part: part),
    "`has` is always true": ("has", _has_always),
    "missing read as zero": ("look_up", _zero_for_missing),
    "`in` by identity": ("member", _in_by_identity),
    "the sign of zero lost": ("negate", _double_from_zero),
}
WRONG_NAMES = {
    "division that floors": ("int_quotient", lambda left, right: arithmetic.int64(left // right)),
    "remainder with the sign of the divisor": ("int_remainder", lambda left, right: left % right),
    "unknown taken for false": ("UNKNOWN", False),
    "conversion that rounds": ("to_int", lambda value: arithmetic.to_int(value) if isinstance(value, str) else round(value)),
}


@pytest.mark.parametrize("fault", WRONG)
def test_a_wrong_compiled_reading_is_caught(fault, monkeypatch, expressions):
    name, wrong = WRONG[fault]
    monkeypatch.setattr(writing, name, wrong)
    assert differs(expressions)


@pytest.mark.parametrize("fault", WRONG_NAMES)
def test_a_wrong_helper_of_the_compiled_reading_is_caught(fault, monkeypatch, expressions):
    name, wrong = WRONG_NAMES[fault]
    monkeypatch.setitem(compiled._NAMES, name, wrong)
    assert differs(expressions)


def test_dropped_absorption_is_caught(monkeypatch, expressions):
    """`missing && false` must be false, in both orders."""
    monkeypatch.setattr(compiled, "_and", _strict_logic)
    assert differs(expressions)


def test_the_right_reading_is_not_caught(expressions):
    assert not differs(expressions[:1000])
