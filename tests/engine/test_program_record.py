"""
Programs as JSON values: the one that comes back is the same program, and a record of another form is refused.
"""

import copy
import json
from dataclasses import fields
from functools import reduce
from pathlib import Path

import pytest
from canarypolicy.derived import DERIVED
from canarypolicy.documents.loading import load_policy
from canarypolicy.engine.kept_values import PARAMETERS, KeptSignal
from canarypolicy.engine.program import Program, build
from canarypolicy.engine.program_record import program_of, program_record

ROOT = Path(__file__).parents[2]
POLICIES = sorted(
    path
    for folder in ("policies", "examples")
    for path in (ROOT / folder).rglob("*.yaml")
    if "kind: RolloutPolicy" in path.read_text(encoding="utf-8")
)
EVERY_KIND = b"""apiVersion: canarypolicy/v1
kind: RolloutPolicy
metadata: {name: every-kind, revision: 3}
signals:
  a.x: {unit: ratio, range: [0, 1], healthy: 0.1, worse: higher, max_age: 90s}
  a.n: {type: int, range: [0, null], healthy: 0}
  a.s: {type: string, values: [up, down], healthy: up}
  a.b: {type: bool, healthy: false}
derived:
  d.mean: {mean: {of: a.x, over: 5m}}
  d.q: {quantile: {of: a.x, over: 5m, q: 0.9, within_step: true}}
  d.ratio: {ratio: {of: a.x, to: a.n, over: 5m, min_samples: 3}}
  d.frozen: {frozen: {of: a.x, over: 5m, at: start}}
  d.growing: {growing: {of: a.x, over: 5m}}
slos:
  - {name: low, require: 'a.x < 0.5 && d.mean < 0.5', for: {samples: 3, of: 5}, message: "stay low"}
rollback:
  - {name: gone, when: a.b, missing: rollback, after: 5m, unless: 'a.s == "down"', steps: [full]}
hold:
  - {name: folded, when: "a.s.matches('u.*') && [1, 2].exists(n, n == a.n)", missing: ignore}
  - name: quoted
    when: 'a.s == ''down'' || d.q > 0.9
      || d.ratio > 2.0 || d.frozen > 1.0 || d.growing'
plan:
  every: 30s
  gates:
    before: [{name: ready, probe: p, require: result.failed == 0}]
    after: [{name: done, probe: p, require: 'result.checks.all(c, c.ok)', on_fail: rollback}]
  steps:
    - {name: small, weight: 10.5, min: 5m, max: 20m, on_timeout: rollback}
    - {name: full, weight: 100, min: 5m, approval: required}
"""


def loaded(data, path="p.yaml"):
    document = load_policy(data, path).document
    assert document is not None
    return build(document)


def again(program, record=None):
    kept = json.loads(json.dumps(program_record(program))) if record is None else record
    return program_of(kept, program.source, lambda: program.checked)


def same(one, other):
    """Compare what the fold reads, places and words included."""
    for field in fields(Program):
        if field.name in ("check", "resting", "declared", "derived", "slos", "watches", "before_gates", "after_gates"):
            continue
        assert getattr(one, field.name) == getattr(other, field.name), field.name
    assert list(one.declared) == list(other.declared)
    for mine, others in zip(one.declared.values(), other.declared.values(), strict=True):
        for name in ("type", "range", "values", "worse", "max_age"):
            assert getattr(mine, name) == getattr(others, name), name
    for kind in ("slos", "watches", "before_gates", "after_gates", "derived"):
        assert list(map(shown, getattr(one, kind))) == list(map(shown, getattr(other, kind)))


def shown(part):
    return {field.name: text_of(getattr(part, field.name)) for field in fields(part) if field.name != "truth"}


def text_of(value):
    if hasattr(value, "tree"):
        place = (value.place.text, value.place.span, value.place.offsets)
        return repr((value.text, value.tree, value.signals, dict(value.types), value.fell_back, place))
    return value if not hasattr(value, "min_samples") else dict(value if hasattr(value, "model_dump") else vars(value))


@pytest.mark.parametrize("path", POLICIES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_shipped_policy_comes_back_as_the_same_program(path):
    program = loaded(path.read_bytes())
    same(again(program), program)


def test_every_kind_of_part_comes_back():
    program = loaded(EVERY_KIND)
    kept = again(program)
    same(kept, program)
    assert kept.signals == program.signals
    assert again(kept).derived[0].parameters == kept.derived[0].parameters
    for rule, other in zip(kept.watches, program.watches, strict=True):
        for values in ({}, {"a.s": "up", "a.n": 1, "a.b": True}, {"a.s": "down", "a.n": 7, "a.b": False, "d.q": 0.95}):
            assert rule.truth(values) is other.truth(values)


def test_an_expression_as_deep_as_the_limits_allow_comes_back():
    deep = "a.x < 0.5" + " || a.b" * 90
    program = loaded(EVERY_KIND.replace(b"'a.x < 0.5 && d.mean < 0.5'", deep.encode()))
    same(again(program), program)


def test_parameters_are_those_of_the_models():
    """A parameter that is added to a model and not here would be lost from what is kept."""
    for name, function in DERIVED.items():
        known = PARAMETERS.get(name, {"of", "over", "min_samples", "within_step"})
        assert set(function.Parameters.model_fields) == set(known), name


def test_a_signal_without_an_age_may_be_of_any():
    assert KeptSignal(type=None, range=(None, None), values=None, worse=None, max_age_us=None).max_age is None


def paths(value, path=()):
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, below in items:
        yield from paths(below, (*path, key))


WRONG = (ValueError, TypeError, LookupError, AttributeError, ArithmeticError)


@pytest.mark.parametrize("wrong", [[], {}, "x", -1, 1e9, True, None, ["signal", "x", 0, 1]], ids=repr)
def test_a_value_of_another_kind_is_refused_or_changes_nothing_but_that_value(wrong):
    """Whatever stands at whatever place: the record is refused with an error that its reader takes, and nothing else happens."""
    program = loaded(EVERY_KIND)
    record = json.loads(json.dumps(program_record(program)))
    refused = 0
    for path in paths(record):
        if not path:
            continue
        broken = copy.deepcopy(record)
        reduce(lambda value, key: value[key], path[:-1], broken)[path[-1]] = wrong
        try:
            again(program, broken)
        except WRONG:
            refused += 1
    assert refused > 100


@pytest.mark.parametrize("wrong", [None, [], {}, {"declared": [], "derived": [], "steps": []}])
def test_no_record_is_no_program(wrong):
    program = loaded(EVERY_KIND)
    with pytest.raises(ValueError):
        program_of(wrong, program.source, lambda: program.checked)


@pytest.mark.parametrize(
    ("path", "wrong"),
    [
        (("slos", 0, 7), -1),
        (("slos", 0, 8), 10**9),
        (("slos", 0, 3, 3), [0]),
        (("slos", 0, 3, 3), [10**9] * 29),
        (("slos", 0, 3, 5), []),
        (("derived", 0, 1), "exec"),
        (("derived", 0, 2), {"of": "a.x"}),
        (("derived", 0, 2, "over"), 0),
        (("derived", 0, 3), []),
        (("steps", 0, 4), 1),
        (("steps", 0, 1), "10"),
    ],
)
def test_what_does_not_fit_together_is_refused(path, wrong):
    program = loaded(EVERY_KIND)
    record = json.loads(json.dumps(program_record(program)))
    reduce(lambda value, key: value[key], path[:-1], record)[path[-1]] = wrong
    with pytest.raises(ValueError):
        again(program, record)
