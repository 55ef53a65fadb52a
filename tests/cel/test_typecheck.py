"""
What is wrong with names and types is said before anything runs, all of it, each at its text.
"""

import pytest
from canarypolicy.cel.parse import parse
from canarypolicy.cel.tree import Arithmetic, Conditional, In, List, Literal, Negate
from canarypolicy.cel.typecheck import typecheck
from canarypolicy.cel.types import RESULT, type_name

from cel_expressions import check, checked, faults_of

NOT_A_BOOL = "must be a bool, this is"

FAULTS = {
    # names
    "an undeclared signal": ("canary.eror < 1.0", [("undeclared-signal", "canary.eror", "signal `canary.eror` is not declared")]),
    "two undeclared signals": ("x < 1.0 || y < 1.0", [("undeclared-signal", "x", "signal `x` is not declared"), ("undeclared-signal", "y", "signal `y` is not declared")]),
    "an undeclared signal beside `true`": ("true || x.y < 1.0", [("undeclared-signal", "x.y", "signal `x.y` is not declared")]),
    "the first part of a name": ("canary < 1.0", [("undeclared-signal", "canary", "signal `canary` is not declared")]),
    "has of an undeclared signal": ("has( x )", [("undeclared-signal", "x", "signal `x` is not declared")]),
    "the same undeclared signal twice": ("x < 1.0 || x > 2.0", [("undeclared-signal", "x", "signal `x` is not declared")] * 2),
    "a result outside of a gate": ("result.failed == 0", [("undeclared-signal", "result.failed", "`result.failed` is a probe's result, which only the `require` of a gate can read")]),
    # the whole
    "a double for a bool": ("canary.errors", [("not-a-bool", "canary.errors", f"the expression {NOT_A_BOOL} a double")]),
    "an int for a bool": (" 7 ", [("not-a-bool", " 7 ", f"the expression {NOT_A_BOOL} an int")]),
    "a list for a bool": ("[true]", [("not-a-bool", "[true]", f"the expression {NOT_A_BOOL} a list of bool")]),
    # logic
    "a double beside `&&`": ("canary.errors && incident.data", [("not-a-bool", "canary.errors", f"each side of `&&` {NOT_A_BOOL} a double")]),
    "numbers on both sides of `||`": ("canary.errors || canary.requests", [("not-a-bool", "canary.errors", f"each side of `||` {NOT_A_BOOL} a double"), ("not-a-bool", "canary.requests", f"each side of `||` {NOT_A_BOOL} an int")]),
    "a double that is negated": ("!canary.errors", [("not-a-bool", "canary.errors", f"what `!` negates {NOT_A_BOOL} a double")]),
    "a string for a condition": ("zone ? true : false", [("not-a-bool", "zone", f"the condition of `?:` {NOT_A_BOOL} a string")]),
    "branches of two types": ("incident.data ? 1 : true", [("type-mismatch", "incident.data ? 1 : true", "the branches of `?:` are an int and a bool, they must be of one type")]),
    "an int signal and a double as branches": ("(incident.data ? canary.requests : 1.5) > 1.0", [("type-mismatch", "incident.data ? canary.requests : 1.5", "the branches of `?:` are an int and a double, they must be of one type")]),
    # comparisons
    "a chain": ("canary.errors < 0.1 < 0.2", [("chained-comparison", "canary.errors < 0.1 < 0.2", "a comparison gives true or false, which cannot be compared again")]),
    "a chain of equals": ("canary.errors == 0.1 == 0.2", [("chained-comparison", "canary.errors == 0.1 == 0.2", "a comparison gives true or false, which cannot be compared again")]),
    "an int and a double": ("canary.requests < 1.5", [("int-double-mix", "canary.requests < 1.5", "`<` mixes int and double")]),
    "a double and an int": ("canary.errors >= canary.requests", [("int-double-mix", "canary.errors >= canary.requests", "`>=` mixes double and int")]),
    "a remainder beside a double": ("canary.errors < 7 % 4", [("int-double-mix", "canary.errors < 7 % 4", "`<` mixes double and int")]),
    "bools by size": ("incident.data < true", [("unordered-type", "incident.data", "`<` needs numbers or strings, values of type bool have no order")]),
    "lists by size": ("[1] >= [2]", [("unordered-type", "[1]", "`>=` needs numbers or strings, values of type list of int have no order")]),
    "a string and a number": ("zone == 1", [("type-mismatch", "zone == 1", "`==` does not go with string and int")]),
    "a bool and a number": ("incident.data != 1", [("type-mismatch", "incident.data != 1", "`!=` does not go with bool and int")]),
    # arithmetic
    "an int times a double": ("canary.requests * 1.5 < 3", [("int-double-mix", "canary.requests * 1.5", "`*` mixes int and double")]),
    "a string minus a string": ("zone - zone == 'a'", [("type-mismatch", "zone - zone", "`-` does not go with string and string")]),
    "a string plus a number": ("zone + 1 == 'a'", [("type-mismatch", "zone + 1", "`+` does not go with string and int")]),
    "a remainder of doubles": ("canary.errors % 2.0 < 1.0", [("type-mismatch", "canary.errors % 2.0", "`%` does not go with double and double")]),
    "bools added": ("incident.data + true", [("type-mismatch", "incident.data + true", "`+` does not go with bool and bool")]),
    "a bool with a minus": ("-incident.data == true", [("type-mismatch", "-incident.data", "`-` needs a number, found bool")]),
    # lists
    "a list of several types": ("zone in ['a', 1]", [("type-mismatch", "1", "the items of a list are of one type: the first is a string, this is an int")]),
    "an int signal in a list of doubles": ("canary.errors in [1.0, canary.requests]", [("type-mismatch", "canary.requests", "the items of a list are of one type: the first is a double, this is an int")]),
    "an item of another type": ("zone in [1]", [("type-mismatch", "zone in [1]", "`in` does not go with string and int")]),
    "an int in a list of doubles": ("canary.requests in [0, 1.5]", [("int-double-mix", "canary.requests in [0, 1.5]", "`in` mixes int and double")]),
    "a double in a list of int signals": ("canary.errors in [canary.requests]", [("int-double-mix", "canary.errors in [canary.requests]", "`in` mixes double and int")]),
    "membership in a string": ("'a' in zone", [("type-mismatch", "zone", "`in` needs a list on its right, found string")]),
    "an item of a string": ("zone[0] == 'a'", [("type-mismatch", "zone", "`[]` needs a list with items before it, found string")]),
    "an item of an empty list": ("[][0] == 1", [("type-mismatch", "[]", "`[]` needs a list with items before it, found empty list")]),
    "an item at a double": ("[1][0.0] == 1", [("type-mismatch", "0.0", "`[]` needs an int inside, found double")]),
    # functions
    "an unknown function": ("now() > 1", [("unknown-function", "now()", "there is no function `now`")]),
    "an unknown method": ("zone.contians('a')", [("unknown-function", "zone.contians('a')", "there is no function `.contians`")]),
    "a method without a target": ("contains(zone, 'a')", [("unknown-function", "contains(zone, 'a')", "there is no function `contains`")]),
    "a function with a target": ("zone.double() > 1.0", [("unknown-function", "zone.double()", "there is no function `.double`")]),
    "an argument of the wrong type": ("zone.contains(1)", [("wrong-arguments", "zone.contains(1)", "`contains` does not take (int)")]),
    "too many arguments": ("int(zone, 1) == 1", [("wrong-arguments", "int(zone, 1)", "`int` does not take (string, int)")]),
    "no argument": ("size() == 1", [("wrong-arguments", "size()", "`size` does not take (nothing)")]),
    "an argument that is faulty": ("size(x) == 1", [("undeclared-signal", "x", "signal `x` is not declared")]),
    "dyn": ("dyn(zone) == zone", [("unsupported-construct", "dyn(zone)", "`dyn` cannot stand in a policy's expression")]),
    "a timestamp": ("timestamp('x') == zone", [("unsupported-construct", "timestamp('x')", "`timestamp` cannot stand in a policy's expression")]),
    "a wrong pattern": ("zone.matches('(')", [("invalid-pattern", "'('", "the pattern is no RE2 regular expression: missing ): (")]),
    "a wrong pattern in a function": ("matches(zone, '[')", [("invalid-pattern", "'['", "the pattern is no RE2 regular expression: missing ]: [")]),
    # macros
    "a macro over a signal": ("zone.all(x, true)", [("wrong-arguments", "zone", "`all` goes over a list that is written out, or over `result.checks`")]),
    "a macro over a sum of lists": ("([1] + [2]).all(x, true)", [("wrong-arguments", "[1] + [2]", "`all` goes over a list that is written out, or over `result.checks`")]),
    "a macro over a truth": ("[1].all(x, true).all(y, true)", [("wrong-arguments", "[1].all(x, true)", "`all` goes over a list that is written out, or over `result.checks`")]),
    "a macro over nothing": ("[].exists(x, true)", [("wrong-arguments", "[]", "`exists` over a list without items says nothing")]),
    "a macro whose body is no condition": ("[1].exists_one(x, x)", [("not-a-bool", "x", f"the condition of `exists_one` {NOT_A_BOOL} an int")]),
    "a macro's variable called like a signal": ("[1].all(zone, zone > 0)", [("variable-hides-signal", "zone", "variable `zone` has the name, or the first part of the name, of a signal")]),
    "a macro's variable called like the first part of one": ("[1].all(canary, canary > 0)", [("variable-hides-signal", "canary", "variable `canary` has the name, or the first part of the name, of a signal")]),
    "a macro's variable used twice": ("[1].all(x, [2].all(x, x > 0))", [("variable-hides-signal", "x", "variable `x` has the name, or the first part of the name, of a signal")]),
    "macros nested three deep": ("[1].all(x, [2].all(y, [3].all(z, true)))", [("nested-macros", "[3].all(z, true)", "macros may be nested 2 deep, this one lies deeper")]),
    "a field of an int variable": ("[1].all(x, x.y)", [("undeclared-signal", "x.y", "`x.y` does not exist: the variable is an int")]),
    "has of a variable": ("[1].all(x, has(x))", [("has-of-expression", "x", "`has` takes the name of a signal, `x` is a variable")]),
    "a faulty range and nothing of its body": ("[x].all(v, y)", [("undeclared-signal", "x", "signal `x` is not declared")]),
    "a macro's result of the wrong type": ("[1].map(x, x > 0)", [("not-a-bool", "[1].map(x, x > 0)", f"the expression {NOT_A_BOOL} a list of bool")]),
    "a filter's result": ("[1].filter(x, x > 0) == [1.5]", [("type-mismatch", "[1].filter(x, x > 0) == [1.5]", "`==` does not go with list of int and list of double")]),
    # several at once
    "faults in every part": ("x && -zone == 'a' && 1 in zone", [("undeclared-signal", "x", "signal `x` is not declared"), ("type-mismatch", "-zone", "`-` needs a number, found string"), ("type-mismatch", "zone", "`in` needs a list on its right, found string")]),
}  # fmt: skip


@pytest.mark.parametrize("case", FAULTS)
def test_a_fault(case):
    text, expected = FAULTS[case]
    assert faults_of(text) == expected
    assert check(text)[0] is None


HELP = {
    "canary.eror < 1.0": "did you mean `canary.errors`? declared: `canary.errors`, `baseline.errors`, `canary.logins`, `canary.latency`, `canary.requests`, `incident.login`, `zone`, `incident.data`",
    "canary.requests * 1.5 > 1.0": "write `double(canary.requests)`",
    "canary.errors > (canary.requests + 1)": "write `double(canary.requests + 1)`",
    "canary.errors in [canary.requests]": None,
    "(canary.errors < 0.1) < 0.2": "write `canary.errors < 0.1 && 0.1 < 0.2`",
    "canary.errors": "compare it with something",
    "[true]": None,
    "canary.errors % 2.0 < 1.0": "it takes two ints",
    "zone < 1": "it takes two values of one type",
    "zone in [1]": "it takes an item and a list of items of its type",
    "zone.contains(1)": "it takes (string)",
    "zone.size(1) == 1": "it takes (nothing)",
    "double(true) > 1.0": "it takes (double) or (int) or (string)",
    "size(1) == 1": "it takes (string) or (list)",
    "type(zone) == zone": "types are settled before anything runs",
    "duration('1s') < 1": "expressions have no times; use seconds, or a rule's `for`",
    "zone.contians('a')": "did you mean `.contains`? known: `.contains`, `.matches`, `.endsWith`, `int`, `.startsWith`, `.size`, `matches`, `bool`",
    "[1].all(zone, true)": "choose another name, such as `x`",
}  # fmt: skip


@pytest.mark.parametrize("text", HELP)
def test_the_way_out(text):
    _, (fault,) = check(text)
    assert fault.help == HELP[text]


def test_a_policy_without_signals_is_told_so():
    _, (fault,) = check("x < 1.0", declared={})
    assert fault.help == "no signals are declared"


TYPES = {
    "true": "bool", "7": "int", "7.0": "double", "'a'": "string", "[]": "empty list", "[[1]]": "list of list of int",
    "[1, 2.5]": "list of double", "[1] + []": "list of int", "[] + [1.5]": "list of double", "-7": "int", "-canary.errors": "double",
    "zone + 'a'": "string", "canary.requests % 2": "int", "canary.errors * 2": "double", "1 / 2": "int", "has(zone)": "bool",
    "incident.data ? 1 : 2.5": "double", "incident.data ? [] : [1]": "list of int", "incident.data ? canary.errors : 1": "double",
    "[1, 2][0]": "int", "size(zone)": "int", "zone.size()": "int", "size([1])": "int", "double(canary.requests)": "double",
    "int(canary.errors)": "int", "string(true)": "string", "bool('t')": "bool", "zone.matches('a')": "bool", "matches(zone, zone)": "bool",
    "[1].map(x, x > 0)": "list of bool", "[1].filter(x, x > 0)": "list of int", "[1].exists_one(x, x > 0)": "bool",
    "[1].all(x, [2].all(y, x < y))": "bool", "[1].map(x, 'a')[0]": "string", "zone < 'a' && zone in [] && zone in ['b']": "bool",
    "(canary.errors < 1.0) == incident.data": "bool", "1 < 2 == true": "bool", "[1.5] == [1]": "bool", "1.5 in [1]": "bool",
    "1 in [1.5]": "bool", "[] == [1]": "bool", "incident.data == true": "bool", "zone.startsWith('a') != zone.endsWith('b')": "bool",
}  # fmt: skip


@pytest.mark.parametrize("text", TYPES)
def test_a_type(text):
    from cel_expressions import DECLARED

    typed, faults = typecheck(parse(text), text, DECLARED, {})
    assert faults == ()
    assert type_name(typed.type) == TYPES[text]


RESULTS = {
    "result.failed == 0 && result.passed > 5": (),
    "has(result.failed)": (),
    "size(result.checks) == 6": (),
    "result.checks == []": (),
    "result.checks.all(c, c.ok && c.seconds < 1.0 && c.name != c.detail)": (),
    "result.checks.filter(c, !c.ok).size() == 0": (),
    "result.checks.map(c, c.seconds)[0] < 1.0": (),
    "result.checks.all(c, c.okay)": ("`c.okay` does not exist: the variable is a check",),
    "result.checks.all(c, c.ok.x)": ("`c.ok.x` does not exist: the variable is a check",),
    "result.checks[0]": ("the expression must be a bool, this is a check",),
    "result.faild == 0": ("signal `result.faild` is not declared",),
}


@pytest.mark.parametrize("text", RESULTS)
def test_a_gate_reads_its_probes_result(text):
    _, faults = check(text, declared={}, results=True)
    assert tuple(fault.message for fault in faults) == RESULTS[text]


def test_a_field_of_a_check_that_does_not_exist_has_a_way_out():
    _, (fault,) = check("result.checks.all(c, c.okay)", declared={}, results=True)
    assert fault.help == "did you mean `c.ok`? declared: `c.ok`, `c.name`, `c.detail`, `c.seconds`"
    assert set(RESULT) == {"result.passed", "result.failed", "result.checks"}


DOUBLES = {
    "canary.errors < 1": lambda tree: tree.right == Literal(value=1.0, span=(0, 0)),
    "1 < canary.errors": lambda tree: tree.left == Literal(value=1.0, span=(0, 0)),
    "canary.errors < -(3)": lambda tree: tree.right == Negate(operand=Literal(value=3.0, span=(0, 0)), span=(0, 0)),
    "canary.errors < 60 * 5": lambda tree: isinstance(tree.right, Arithmetic) and tree.right.left == Literal(value=60.0, span=(0, 0)),
    "canary.errors * 2 < 1": lambda tree: tree.left.right == Literal(value=2.0, span=(0, 0)),
    "canary.errors in [0, 1]": lambda tree: isinstance(tree, In) and tree.container.items == (Literal(value=0.0, span=(0, 0)), Literal(value=1.0, span=(0, 0))),
    "canary.errors in [0, 2.5]": lambda tree: tree.container.items[0] == Literal(value=0.0, span=(0, 0)),
    "1 in [canary.errors]": lambda tree: tree.item == Literal(value=1.0, span=(0, 0)),
    "[1] == [2.5]": lambda tree: tree.left == List(items=(Literal(value=1.0, span=(0, 0)),), span=(0, 0)),
    "canary.errors < (incident.data ? 1 : 2)": lambda tree: isinstance(tree.right, Conditional) and tree.right.no == Literal(value=2.0, span=(0, 0)),
    "(incident.data ? 1 : 2.5) < canary.errors": lambda tree: tree.left.yes == Literal(value=1.0, span=(0, 0)),
    "(incident.data ? canary.errors : 1) < 2": lambda tree: tree.left.no == Literal(value=1.0, span=(0, 0)) and tree.right == Literal(value=2.0, span=(0, 0)),
}  # fmt: skip


@pytest.mark.parametrize("text", DOUBLES)
def test_a_constant_int_becomes_a_double_where_one_is_needed(text):
    assert DOUBLES[text](checked(text).tree)


KEPT_INTS = ["canary.requests < 1", "[1, 2][0] == 1", "canary.requests in [1]", "1 / 2 == 0", "double(1) < 2.0", "size(zone) < 3"]


@pytest.mark.parametrize("text", KEPT_INTS)
def test_other_ints_stay_ints(text):
    from canarypolicy.cel.tree import walk

    assert any(isinstance(node, Literal) and type(node.value) is int for node in walk(checked(text).tree))


def test_a_constant_that_differs_in_doubles_is_said_with_its_value():
    expression, (fault,) = check("canary.errors < 1/2")
    assert expression is not None
    assert (fault.name, fault.is_lint, fault.span) == ("constant-in-doubles", True, (16, 19))
    assert fault.message == "`1/2` stands next to a double and is computed in doubles: it is 0.5"
    assert fault.help == "write `0.5`"


LINTS = {
    "canary.errors < 4/2": [],
    "canary.errors < 60*60": [],
    "1/2 == 0": [],
    "canary.errors < 9007199254740993": ["9007199254740993"],
    "canary.errors < 9223372036854775807 + 1": ["9223372036854775807 + 1"],
    "canary.errors < (incident.data ? 1/2 : 3/4)": ["1/2", "3/4"],
    "canary.errors in [1/2, 2, 7/2]": ["1/2", "7/2"],
    "canary.errors in [1/2, 2.5]": ["1/2"],
    "canary.errors * (1/3) < 2.0": ["1/3"],
    "canary.errors < -(1/2)": ["-(1/2)"],
}


@pytest.mark.parametrize("text", LINTS)
def test_constants_that_differ_in_doubles(text):
    expression, faults = check(text)
    assert expression is not None
    assert [(fault.name, text[slice(*fault.span)]) for fault in faults] == [("constant-in-doubles", each) for each in LINTS[text]]


UNKNOWN_CONSTANTS = {
    "1/0 == 1": ("1/0", "the divisor is zero"),
    "7 % 0 == 1": ("7 % 0", "the divisor is zero"),
    "0.0/0.0 < 1.0": ("0.0/0.0", "the divisor is zero"),
    "canary.errors / 0 < 1.0": ("canary.errors / 0", "the divisor is zero"),
    "canary.requests % (1 - 1) == 0": ("canary.requests % (1 - 1)", "the divisor is zero"),
    "canary.errors < 1/0": ("1/0", "the divisor is zero"),
    "2 * (1/0) == 1": ("1/0", "the divisor is zero"),
    "false && 1/0 == 1": ("1/0", "the divisor is zero"),
    "1e308 * 10.0 < canary.errors": ("1e308 * 10.0", "the constant has no value"),
    "9223372036854775807 + 1 == canary.requests": ("9223372036854775807 + 1", "the constant has no value"),
    "-(-9223372036854775808) == canary.requests": ("-(-9223372036854775808)", "the constant has no value"),
    "int('a') == canary.requests": ("int('a')", "the constant has no value"),
    "[double('inf')] == [1.0]": ("double('inf')", "the constant has no value"),
    "bool('x')": ("bool('x')", "the constant has no value"),
}


@pytest.mark.parametrize("text", UNKNOWN_CONSTANTS)
def test_a_constant_that_can_only_be_unknown(text):
    underlined, why = UNKNOWN_CONSTANTS[text]
    assert faults_of(text) == [("constant-unknown", underlined, f"this can only be unknown: {why}")]


@pytest.mark.parametrize("text", ["canary.errors / 1 > 1.0", "1/2 == 0", "'a'.matches('b')", "size([1]) == 1", "canary.requests - 0 == 1", "canary.errors / canary.latency > 1.0"])  # fmt: skip
def test_other_constants_have_a_value(text):
    assert faults_of(text) == []


VALUES = {"rollout.step": ("canary-10", "canary-50", "full"), "zone": ("eu", "us")}

IMPOSSIBLE = {
    "rollout.step == 'canary-5'": ["'canary-5'"],
    "'fulll' != rollout.step": ["'fulll'"],
    "rollout.step in ['full', 'half', 'none']": ["'half'", "'none'"],
    "rollout.step == 'full'": [],
    "rollout.step < 'half'": [],
    "rollout.step.startsWith('x')": [],
    "rollout.step == zone": [],
    "rollout.step in ['full', zone]": [],
    "'x' == 'y'": [],
}


@pytest.mark.parametrize("text", IMPOSSIBLE)
def test_a_text_that_a_string_signal_never_is_is_a_lint(text):
    expression, faults = check(text, values=VALUES)
    assert expression is not None
    assert [text[slice(*fault.span)] for fault in faults] == IMPOSSIBLE[text]
    assert all(fault.is_lint and fault.name == "impossible-value" for fault in faults)


def test_an_impossible_text_has_a_way_out():
    _, (fault,) = check("rollout.step == 'canary-5'", values=VALUES)
    assert fault.message == "`canary-5` is not one of the values of `rollout.step`"
    assert fault.help == "did you mean `canary-50`? values: `canary-50`, `canary-10`, `full`"
