"""
What minimising promises, for random policies and histories.
"""

from canarypolicy.engine.decision import Verdict
from canarypolicy.engine.sample import RawSample
from canarypolicy.history.recording import Recording
from canarypolicy.history.replay import replay
from canarypolicy.testing.incident import incident_of
from canarypolicy.testing.keeping import kept_of
from canarypolicy.testing.minimising import minimise
from canarypolicy.testing.written_test import faults_of, policy_test_of
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from driver import ORIGIN_US, program_of
from laws.strategies import VALUES, policies
from minimised import TITLES, as_recording, size

LAW = settings(
    deadline=None, derandomize=True, max_examples=20, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)
MINUTE_US = 60_000_000
MOST = 4_000


@st.composite
def recordings(draw):
    """
    Draw a history whose signals keep a value for some samples, as an incident does.
    """
    columns = {}
    for name, values in VALUES.items():
        runs = draw(st.lists(st.tuples(st.one_of(st.none(), values), st.integers(1, 8)), min_size=1, max_size=3))
        columns[name] = [value for value, count in runs for _ in range(count)]
    length = draw(st.integers(1, 14))
    rows = [{name: values[min(index, len(values) - 1)] for name, values in columns.items()} for index in range(length)]
    samples = (RawSample(at_us=ORIGIN_US + index * MINUTE_US, signals=row) for index, row in enumerate(rows))
    return Recording(rollout="r", source="r.jsonl", items=tuple(samples))


def found(text, recording):
    program = program_of(text)
    incident = incident_of(program, recording)
    assume(incident is not None)
    result = minimise(program, incident, most=MOST)
    assert result is not None, "an even recording keeps its own decision"
    return program, incident, result


@given(policies(), recordings())
@LAW
def test_decision_and_reasons_stay_and_no_sample_is_added(text, recording):
    program, incident, result = found(text, recording)
    again = replay(program, as_recording(program, result.history), start_us=result.history.start * result.history.every_us)
    assert kept_of(again.decisions[-1]) == kept_of(incident.decision) == kept_of(result.decision)
    if incident.decision.verdict is Verdict.ROLLBACK:
        assert all(each.verdict is not Verdict.ROLLBACK for each in again.decisions[:-1])
    assert result.history.length <= len(incident.samples)


@given(policies(), recordings())
@LAW
def test_the_written_test_passes_and_fails_without_a_rule_that_it_names(text, recording):
    program, _, result = found(text, recording)
    assert faults_of(policy_test_of(result, program, TITLES), program) == []


@given(policies(), recordings())
@LAW
def test_the_same_comes_out_each_time(text, recording):
    _, _, result = found(text, recording)
    _, _, again = found(text, recording)
    assert (again.history, again.folded) == (result.history, result.folded)


@given(policies(), recordings())
@LAW
def test_minimising_the_minimised_makes_nothing_smaller(text, recording):
    program, _, result = found(text, recording)
    assume(result.is_smallest)
    history = result.history
    again = incident_of(program, as_recording(program, history), start_us=history.start * history.every_us)
    twice = minimise(program, again, most=MOST)
    assert size(program, twice.history) >= size(program, history)
