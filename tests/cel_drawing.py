"""
Random typed expressions and adversarial rows, for the laws of the readings.
"""

import math
import random

from canarypolicy.cel.checking import check_expression
from canarypolicy.cel.expression import UNKNOWN
from canarypolicy.documents.signals import Signal, SignalType
from canarypolicy.documents.span import Embedded, SourceText
from canarypolicy.engine.sample import admit

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
