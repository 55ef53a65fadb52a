"""
Pages on findings in PolicyTests, and on expectations that fail; see `canarypolicy.documents.pages`.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

PAGES_OF_POLICYTESTS: Mapping[str, str] = MappingProxyType(
    {
        "computed-signal": """A series or an event gives values to a signal that is computed.

Derived and built-in signals follow from the measured ones; give series to those that they read.
""",
        "did-not-happen": """A policy test expected a decision that did not come.

It stands at an expectation with `first` or `always`. The decision that came instead is shown with its reasons.
""",
        "empty-interval": """An interval ends before it begins.

`between` names its earlier end first, and `after` is no later than `before`.
""",
        "empty-run": """A scenario has no samples, or none that is judged.

Nothing is tested by it. Give it `series`, `lasts` or a `recording`, and see that `start` lies within them.
""",
        "empty-series": """A series has no samples.

Leave the signal out, and it keeps its healthy value; write `_x5` for five samples without a value.
""",
        "happened": """A policy test expected that something never happens, and it did.

The first decision that breaks the expectation is shown with its reasons.
""",
        "instant-in-series": """A scenario made of series names a date.

Its samples have no dates: times count from the first of them, as in `4m`. Dates are for recordings.
""",
        "invalid-policy": """The policy of a test has errors of its own.

Until they are repaired nothing can be tested; `canarypolicy validate` tells them.
""",
        "invalid-time": """A time in a test is none.

Write how long after the first sample it is (`4m`, `1h30m`) or, for a recording, a date (`2026-05-01T10:00:00Z`).
""",
        "missing-column": """A row of `for_each` lacks a column that other rows have.

Each row gives a value to every column; otherwise a placeholder would stay as it is written.
""",
        "never-applied": """No sample is judged at the time, or in the interval, of an expectation.

An expectation about nothing can never fail, so it is a failure. Samples come `every` so often, from the first on;
before `start` nothing is judged.
""",
        "not-missing": """A policy test expected a signal to be missing, and it had a value.

A derived signal has one as soon as half of its window is covered.
""",
        "not-one-form": """An expectation is none, or several in one.

It begins with one of `at`, `never`, `always`, `first` and `outcome`; write further ones as further items.
""",
        "not-one-history": """A scenario has a recording, and what only belongs to series.

The recording gives samples and times. Write a second scenario for the series.
""",
        "nothing-expected": """An expectation at a time says nothing of what is decided then.

Add `decision`, `step`, `because`, `missing` or `values`.
""",
        "other-value": """A policy test expected a signal to have another value.

Numbers are equal to the bit, unless a tolerance is given: `{value: 0.2, within: 0.001}`.
""",
        "out-of-place": """A key stands beside another one to which it says nothing.

The help names those that may stand there.
""",
        "repeated-scenario": """Two scenarios of a file have one name.

A failure could not be told from the other, and `-k` would choose both. In a table, let `name` say what differs:
`errors of ${rate}`.
""",
        "series-too-long": """A series has more samples than its scenario, or than any may have.

`4x10` are eleven samples, as in promtool. With `lasts`, no series goes on beyond it.
""",
        "two-intervals": """An expectation has two intervals.

`after` and `before` may stand together; `at` and `between` stand alone.
""",
        "unknown-placeholder": """A placeholder `${name}` has no column in `for_each`.

It would stay as it is written. The columns are the keys of the rows.
""",
        "unknown-rollout": """A recording does not have the rollout that a test asks for.

Where a recording has several, `rollout` names one of them.
""",
        "unknown-rule": """A test expects a reason that the policy cannot give.

A reason is the name of a rule, or one of min-duration, overdue, timeout, paused, frozen, approval, gate, aborted,
weight-drift.
""",
        "unreadable-policy": """The policy that a test names cannot be read.

Its path counts from the test's own file.
""",
        "unreadable-recording": """The recording that a test names cannot be read.

Its path counts from the test's own file.
""",
        "unused-column": """Nothing in a scenario uses a column of its `for_each`.

Rows that differ in nothing else would be the same test twice.
""",
        "wrong-decision": """A policy test expected another decision.

What was decided is shown with all its reasons and what they saw.
""",
        "wrong-outcome": """A policy test expected the rollout to end otherwise.

An outcome is that of the whole history: complete, rolled-back, refused, or holding where it has not ended.
""",
        "wrong-reason": """A policy test expected a reason that was not given.

All reasons of the deciding class are given: a rollback names no SLO, and a hold no rule that is quiet.
""",
        "wrong-series-value": """A value in a series is none for its signal.

`1 2 3` are three samples, `4x2` a value and two more like it, `0+1x5` counts up, `_` is a sample without a value, `_x3`
are three of them. A bool has `true` and `false`, a string signal its declared values. A number out of range may stand:
the engine makes it missing, or takes the end of the range.
""",
        "wrong-step": """A policy test expected another step.

Before the first one, while gates are awaited, the step is called `before`.
""",
        "wrong-time": """A first decision came earlier or later than a policy test expected.

The decision that came is shown with its reasons.
""",
    }
)
"""Name of the finding -> its page in Markdown."""
