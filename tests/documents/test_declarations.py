import pytest
from canarypolicy.derived.window import Input
from canarypolicy.documents.declarations import declarations
from canarypolicy.documents.signals import SignalType
from canarypolicy.documents.yaml_tree import read_tree

ANY = Input(type=SignalType.DOUBLE, range=(None, None))


def read(text):
    return declarations(read_tree(text.encode(), "a.yaml"))


def test_signals_are_declared_with_type_and_range():
    """Built-in signals too."""
    declared = read("signals:\n  a.b: {type: int, range: [0, null], healthy: 1}\n").inputs
    assert declared["a.b"] == Input(type=SignalType.INT, range=(0, None))
    assert declared["rollout.weight"] == Input(type=SignalType.DOUBLE, range=(0.0, 100.0))
    assert declared["rollout.step"] == Input(type=SignalType.STRING, range=(None, None))
    assert declared["rollout.step_elapsed_seconds"] == Input(type=SignalType.DOUBLE, range=(0.0, None))


def test_derived_signals_come_after_what_they_read():
    """However they are ordered in the file."""
    found = read(
        "signals: {s: {type: int, range: [0, 10], healthy: 1}}\n"
        "derived:\n  c: {max: {of: b, over: 1m}}\n  b: {max: {of: a, over: 1m}}\n  a: {max: {of: s, over: 1m}}\n"
    )
    assert found.derived_order == ("a", "b", "c")
    assert found.inputs["c"] == Input(type=SignalType.INT, range=(0, 10))
    assert found.types["c"] is SignalType.INT
    assert found.findings == ()


def test_a_wrong_declaration_is_declared_all_the_same():
    """Its own fault is told by the models; expressions that read it have none."""
    found = read(
        "signals:\n  a: {type: bool, healthy: 5}\n  b: {type: bol}\n  c: 5\n  d: {type: [x]}\nderived:\n  e: {men: {}}\n"
    )
    assert found.inputs["a"].type is SignalType.BOOL
    assert found.inputs["b"] == found.inputs["c"] == found.inputs["d"] == found.inputs["e"] == ANY
    assert found.findings == ()
    assert found.derived_order == ()


@pytest.mark.parametrize("text", ["a: 1", "signals: 5\nderived: [x]"])
def test_declarations_may_not_be_there(text):
    """Then only the built-in signals are."""
    assert set(read(text).inputs) == {"rollout.weight", "rollout.step", "rollout.step_elapsed_seconds", "rollout.elapsed_seconds"}


def faults(text):
    return [(found.name, found.span.text, found.message, found.help) for found in read("signals: {s: {healthy: 1}, t: {type: bool, healthy: true}}\nderived:\n" + text).findings]  # fmt: skip


def test_what_a_derived_signal_reads_is_declared():
    """Each name that is not there is told once, at the parameter that has it."""
    assert faults("  a: {ratio: {of: ss, to: ss, over: 1m}}\n  b: {mean: {of: a, over: 1m}}\n") == [
        ("undeclared-signal", "ss", "signal `ss` is not declared", "did you mean `s`? declared: `s`, `t`, `b`")
    ]
    assert faults("  a: {ratio: {of: s, to: rollout.weight, over: 1m}}\n") == [
        ("undeclared-signal", "rollout.weight", "`rollout.weight` is built in: a derived signal reads measured and derived ones only",
         "declared: `s`, `t`")
    ]  # fmt: skip


def test_what_a_derived_signal_reads_has_the_right_type():
    """The sentence is the function's own."""
    ((name, text, message, _),) = faults("  a: {mean: {of: t, over: 1m}}\n")
    assert (name, text) == ("wrong-type", "t")
    assert "`t`" in message


def test_circles_are_told_each():
    """By the names in them, from the one that stands first in the file."""
    found = read(
        "signals: {s: {healthy: 1}}\nderived:\n  a: {mean: {of: c, over: 1m}}\n  b: {mean: {of: a, over: 1m}}\n  c: {mean: {of: b, over: 1m}}\n"
        "  d: {mean: {of: d, over: 1m}}\n  e: {mean: {of: d, over: 1m}}\n"
    )
    assert [(each.name, each.span.text, each.message) for each in found.findings] == [
        ("cyclic-derived", "a", "derived signals read one another in a circle: `a` -> `c` -> `b` -> `a`"),
        ("cyclic-derived", "d", "derived signals read one another in a circle: `d` -> `d`"),
    ]
    assert found.derived_order == ("e",)
    assert found.inputs["a"] == ANY


def test_long_chains_are_no_recursion():
    """As many derived signals as a document can hold."""
    lines = [f"  d{index}: {{mean: {{of: {f'd{index + 1}' if index < 2999 else 's'}, over: 1m}}}}" for index in range(3000)]
    found = read("signals: {s: {healthy: 1}}\nderived:\n" + "\n".join(lines))
    assert found.derived_order[0] == "d2999"
    assert len(found.derived_order) == 3000
