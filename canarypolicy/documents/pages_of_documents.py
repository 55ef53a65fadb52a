"""
Pages on findings in documents; see `canarypolicy.documents.pages`.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

PAGES_OF_DOCUMENTS: Mapping[str, str] = MappingProxyType(
    {
        "after-without-rollback": """`after` stands on a rule that does not roll back on missing data.

`after` says how long a rule must have been unknown before `missing: rollback` acts. Remove it, or write
`missing: rollback` beside it.
""",
        "age-not-measured": """A signal has a `max_age`, and its query cannot tell how old the value is.

The result of `rate(...)` and of every other calculation carries the time of asking, so that a dead
scrape looks fresh. Add `measured: 'max(timestamp(SELECTOR))'` to the signal in the Environment.
""",
        "cyclic-derived": """Derived signals read one another in a circle.

None of them could ever have a value. Let one of them read a measured signal.
""",
        "cyclic-probe": """Groups of probes name one another in a circle.

A group made by `all` may name other groups, but not itself, also not by way of others.
""",
        "duplicate-name": """A name is used twice where it must be unique.

Rules are unique in their list and step, a step's rule also against the policy's rules of the same list,
since both act there; steps, gates and checklist items are unique in the plan.
""",
        "empty-range": """The lower bound of a `range` is above its upper bound.

No value would be in range, so the signal would always be missing.
""",
        "empty-window": """`over` is zero.

A window must have a length: write a duration such as `5m`.
""",
        "entry-unknown": """A frozen signal was fixed at a time that is not known here.

One look at the present cannot tell what the value was then. A recording of the whole rollout can.
""",
        "gap-below-every": """`max_gap` is shorter than `every`.

Samples would always lie further apart than is watched for, so no rule with a `for` could ever be met.
""",
        "healthy-out-of-range": """`healthy` is not a value that the signal may have.

`healthy` is a typical good value; tests and lints start from it.
""",
        "invalid-duration": """A duration is not one of Prometheus' durations.

Write digits and units from large to small, each at most once: `30s`, `5m`, `1h30m`, `1d`.
""",
        "invalid-header": """The name of an HTTP header holds a character that headers do not have.

Letters, digits, `-` and `_` can be sent.
""",
        "invalid-name": """A name is not of the form that its place asks for.

Rules, steps, gates and documents are kebab-case: `error-rate`. Signals are dotted: `canary.error_rate`;
only the last part may have underscores, and no part is a word of the expression language.
""",
        "invalid-text": """A text is not of the form that its place asks for.

The message says what is expected.
""",
        "invalid-timeout": """A timeout is zero or longer than ten minutes.

A source that never answers must not keep a pipeline waiting.
""",
        "invalid-url": """A URL is not a web address.

Write it with its scheme, such as `https://example.test/runbook`.
""",
        "literal-secret": """A password or token stands in the document as it is.

Whoever reads the repository can read it. Write `${env:NAME}` or `${file:PATH}` instead.
""",
        "manual-out-of-place": """The value of a manual signal does not fit the signal's declaration.

It would be missing in every sample. Give it a value of the declared type and range.
""",
        "max-below-min": """A step's `max` is shorter than its `min`.

The step would be overdue before it may be left.
""",
        "missing-key": """A key that must be there is not.

`canarypolicy schema RolloutPolicy` prints what each mapping needs.
""",
        "missing-on-slo": """An SLO cannot choose what missing data means.

Without evidence an SLO is not met, whatever else is said. Write a rollback or hold rule with `missing`
instead.
""",
        "never-enough-samples": """A rule asks for more true samples than it counts.

In `{samples: k, of: n}`, k is at most n.
""",
        "not-finite": """A number is infinite or not a number.

Write a number; an open side of a `range` is `null`.
""",
        "not-one-choice": """Exactly one name was expected in a mapping, and there are none or several.

A derived signal has one function, a source one kind: `{mean: {of: canary.errors, over: 5m}}`.
""",
        "not-one-evidence": """A checklist item has no evidence, or several kinds of it.

One of `gates`, `snapshot`, `steps`, `notified` and `manual` ticks an item.
""",
        "not-one-origin": """A signal in an Environment comes from nowhere, or from two places.

It has a `source` and a `query`, or `manual`.
""",
        "number-out-of-range": """A number is beyond what its place allows.

The message gives the bounds. Ints beyond 2^53 - 1 cannot be carried by the canonical form that the
digest is made of.
""",
        "prefix-clash": """A signal's name is the beginning of another's.

`a.b` would be a value and something with parts at once. Rename one of them.
""",
        "range-without-order": """A `range` stands on a signal whose values have no order.

Only numbers have ranges; a string signal has `values`.
""",
        "repeated-value": """A value stands twice in `values`.

Keep one of them.
""",
        "reserved-name": """A name means something else already.

`before` and `start` are no names for steps; `rollout` and `result` and the names of types are no first
parts of signals.
""",
        "rollback-without-after": """`missing: rollback` does not say after how long.

One lost scrape must not roll back. Add `after: 5m`.
""",
        "signal-without-entry": """Signals of the policy are not given by the Environment.

They will always be missing, and their rules unknown. Add them under `signals`.
""",
        "source-warns": """A source says something about its own answer.

Prometheus warns of a query that it could answer in part only.
""",
        "steps-in-step": """A rule inside of a step names steps.

It acts in its step. Move the rule to the policy if it is to act in several.
""",
        "string-without-values": """A string signal does not say which values it may have.

Add `values: [...]`.
""",
        "timeout-without-max": """`on_timeout` stands on a step that is never overdue.

Add `max`.
""",
        "two-authorizations": """A source has more than one way to say who asks.

Keep one of `bearer_token`, `basic_auth` and the header.
""",
        "undeclared-actuator": """A policy names an actuator that the Environment does not have.

`plan.snapshot` names one of `actuators`.
""",
        "undeclared-probe": """A group or a gate names a probe that is not there.

Declare it under `probes`, or correct the name.
""",
        "undeclared-source": """A signal names a source that is not there.

Declare it under `sources`, or correct the name.
""",
        "unit-without-number": """A `unit` stands on a signal that is no number.

Remove it.
""",
        "unknown-gate": """A checklist item names a gate that the plan does not have.

Correct the name, or add the gate.
""",
        "unknown-key": """A key is not known at its place.

Nothing is ignored in silence: a misspelt key would be a rule that nobody applies.
""",
        "unknown-kind": """The document says that it is of a kind that does not exist.

Kinds are RolloutPolicy, Environment and PolicyTest.
""",
        "unknown-signal": """The Environment gives a signal that the policy does not declare.

Nobody reads it. Correct the name, or remove it.
""",
        "unknown-snapshot": """A checklist item waits for a snapshot that the plan does not take.

Add `plan.snapshot`, or remove the item.
""",
        "unknown-step": """A name is not one of the plan's steps.

Correct it. The same finding is given for a recording that went through a step that the policy does not
have.
""",
        "unknown-substitution": """`${...}` is none of the two substitutions.

`${env:NAME}` and `${file:PATH}` are; write `$${` for `${` itself.
""",
        "unknown-value": """A value is not one of those that its place allows.

The message lists them.
""",
        "unknown-version": """The document is of a version that this program does not know.

Documents have `apiVersion: canarypolicy/v1`, recordings `"recording": "canarypolicy/v1"`.
""",
        "unused-source": """No signal asks a source.

Remove it, or use it.
""",
        "values-without-string": """`values` stands on a signal that is no string.

Numbers have a `range`.
""",
        "worse-without-order": """`worse` stands on a string signal.

Its values have no order.
""",
        "wrong-count": """A list has too few or too many items.

The message says how many are expected.
""",
        "wrong-kind": """The document is of another kind than the command asks for.

A policy was perhaps named in the place of an Environment.
""",
        "wrong-type": """A value is of another type than its place asks for.

`yes`, `on` and `1:30` are text in YAML 1.2; `true` and `false` are the booleans.
""",
        "wrong-value": """A value cannot stand at its place.

The message says what is expected.
""",
        "zero-duration": """A duration is zero where time must pass.

Write a duration such as `30s`.
""",
    }
)
