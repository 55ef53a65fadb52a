"""
A journal that was touched anywhere is told from one that was not.
"""

from dataclasses import fields, replace

import pytest
from canarypolicy.live.entry import Draft, Entry, EntryKind, chained
from canarypolicy.live.verifying import verify
from canarypolicy.store.database import open_store
from hypothesis import given, settings
from hypothesis import strategies as st

from live.journals import GATED_PLAN, course, write_journal

COLUMNS = [column.name for column in fields(Entry)]
NOTES = ["policy", "environment", "service", "digest", "started_us", "head_seq", "head_hash"]
"""What the store notes of a run and the journal proves."""


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    with open_store(f"sqlite:///{tmp_path_factory.mktemp('store') / 'runs.db'}") as store:
        write_journal(store)
        return store.journal("shop-1", 0)


@pytest.mark.parametrize("plan", [None, GATED_PLAN], ids=["without gates", "with a gate"])
@pytest.mark.parametrize("length", [0, 1, 3, 4, 30])
def test_a_journal_that_nobody_touched_has_no_fault(tmp_path, plan, length):
    with open_store(f"sqlite:///{tmp_path / 'runs.db'}") as store:
        write_journal(store, plan=plan, items=list(course())[:length], ending=None)
        row, entries = store.journal("shop-1", 0)
    assert verify(row, entries) == ()


def test_the_journal_has_every_kind_of_decision(whole):
    decided = {entry.body["decision"] for entry in whole[1] if entry.kind == "decision"}
    assert decided == {"hold", "rollback"}
    assert verify(*whole) == ()


def test_a_head_noted_elsewhere_is_looked_for(whole):
    row, entries = whole
    assert verify(row, entries, head=row.head_hash) == ()
    assert verify(row, entries, head=entries[3].hash) == ()
    assert verify(row, entries, head="0" * 64) == ()
    assert "no entry has the hash" in verify(row, entries, head="1" * 64)[0]


def flipped(value, at: int):
    """
    Change one bit of a number, or one character of a text.
    """
    if isinstance(value, int):
        return value ^ (1 << at % 50)
    place = at % len(value)
    return value[:place] + chr(ord(value[place]) ^ 1) + value[place + 1 :]


def read_again(entries, run):
    """
    Give entries as a store would, whatever was done to them.
    """
    return tuple(sorted((entry for entry in entries if entry.run == run), key=lambda entry: entry.seq))


@settings(max_examples=400, deadline=None)
@given(data=st.data())
def test_a_flipped_byte_in_any_column_is_a_fault(whole, data):
    row, entries = whole
    index = data.draw(st.integers(0, len(entries) - 1))
    column = data.draw(st.sampled_from(COLUMNS))
    changed = replace(entries[index], **{column: flipped(getattr(entries[index], column), data.draw(st.integers(0, 10_000)))})
    touched = (*entries[:index], changed, *entries[index + 1 :])
    assert len(verify(row, read_again(touched, row.run))) == 1


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_a_flipped_byte_in_the_note_of_the_run_is_a_fault(whole, data):
    row, entries = whole
    column = data.draw(st.sampled_from(NOTES))
    changed = replace(row, **{column: flipped(getattr(row, column), data.draw(st.integers(0, 10_000)))})
    assert verify(changed, entries) != ()


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_deleted_entries_are_a_fault(whole, data):
    row, entries = whole
    gone = data.draw(st.sets(st.integers(0, len(entries) - 1), min_size=1))
    assert verify(row, tuple(entry for index, entry in enumerate(entries) if index not in gone)) != ()


def test_every_single_deleted_entry_is_a_fault(whole):
    row, entries = whole
    for index in range(len(entries)):
        assert len(verify(row, (*entries[:index], *entries[index + 1 :]))) == 1
    assert "the store's note of its end says" in verify(row, entries[:-1])[0]


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_reordered_entries_are_a_fault(whole, data):
    row, entries = whole
    order = data.draw(st.permutations(range(len(entries))).filter(lambda order: list(order) != sorted(order)))
    touched = [replace(entry, seq=order[index] + 1) for index, entry in enumerate(entries)]
    assert len(verify(row, read_again(touched, row.run))) == 1


def made_again(row, drafts):
    """
    Chain changed entries anew, and note their end: what somebody with the right to write could do.
    """
    entries = chained(row.run, (0, "0" * 64), drafts)
    return replace(row, head_seq=entries[-1].seq, head_hash=entries[-1].hash), entries


def drafts_of(entries):
    return [Draft(kind=EntryKind(entry.kind), at_us=entry.at_us, body=entry.body) for entry in entries]


@pytest.mark.parametrize("kind", ["sample", "event", "decision"])
def test_a_chain_made_anew_still_has_to_be_what_the_engine_decides(whole, kind):
    """Each decision, sample and event that counts is taken out in turn; what is left is chained as if it had always been so."""
    row, entries = whole
    drafts = drafts_of(entries)
    places = [place for place, draft in enumerate(drafts) if draft.kind.value == kind]
    told = [verify(*made_again(row, drafts[:place] + drafts[place + 1 :])) for place in places]
    assert sum(bool(faults) for faults in told) >= len(places) - 4  # a sample before the start, a gate that nobody asked for


def test_a_decision_made_up_is_a_fault(whole):
    row, entries = whole
    drafts = drafts_of(entries)
    place = next(place for place, draft in enumerate(drafts) if draft.kind is EntryKind.DECISION)
    drafts[place] = replace(drafts[place], body={**drafts[place].body, "decision": "advance"})
    assert verify(*made_again(row, drafts)) == (
        f"entry {place + 1} is not the decision that the engine makes of what stands before it",
    )


def test_another_version_of_the_engine_is_named_where_it_decided_otherwise(whole):
    row, entries = whole
    drafts = drafts_of(entries)
    old = {"engine": "canarypolicy 0.0.1"}
    drafts = [replace(each, body={**each.body, **old}) if each.kind is EntryKind.DECISION else each for each in drafts]
    assert verify(*made_again(row, drafts)) == ()
    place = next(place for place, draft in enumerate(drafts) if draft.kind is EntryKind.DECISION)
    drafts[place] = replace(drafts[place], body={**drafts[place].body, "weight": 11})
    assert "`canarypolicy 0.0.1` wrote it, and this is" in verify(*made_again(row, drafts))[0]


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        pytest.param(lambda drafts: drafts[1:], "the first entry is of the kind", id="no beginning"),
        pytest.param(lambda drafts: [*drafts, drafts[0]], "begins the run again", id="two beginnings"),
        pytest.param(lambda drafts: [replace(drafts[0], body={})], "does not say which policy", id="an empty beginning"),
        pytest.param(
            lambda drafts: [replace(drafts[0], body={**drafts[0].body, "policy_text": "kind: Other"})],
            "has not the digest",
            id="another policy",
        ),
        pytest.param(lambda drafts: [*drafts[:3], drafts[2]], "is no sample that could follow", id="a sample twice"),
        pytest.param(
            lambda drafts: [*drafts[:2], replace(drafts[1], body={"t": "noon"})], "is no sample that could follow", id="no sample"
        ),
    ],
)
def test_what_no_run_writes_is_a_fault(whole, change, fault):
    row, entries = whole
    assert any(fault in each for each in verify(*made_again(row, change(drafts_of(entries)))))


def test_an_end_that_the_journal_does_not_know_is_a_fault(whole):
    row, entries = whole
    assert "ended as `complete`" in verify(replace(row, state="complete"), entries)[0]
    assert verify(replace(row, state="interrupted"), entries) == ()
