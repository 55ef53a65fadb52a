"""
Witnesses as recordings: names that say the question, and a text that reads as it was.
"""

from canarypolicy.history.recording import read_recordings
from canarypolicy.review.witness_files import witness_files

from reviews import full_policy_review, matrix, policy_review, shown, witness


def test_each_witness_has_a_file_that_reads_as_it_was():
    files = witness_files([full_policy_review()])
    assert [file.name for file in files] == [
        "shop-canary-10-rollback-hold.jsonl",
        "shop-canary-10-hold-advance.jsonl",
        "shop-canary-50-rollback-hold.jsonl",
        "shop-canary-50-hold-advance.jsonl",
        "shop-invariant-broken.jsonl",
    ]
    for file in files:
        (recording,) = read_recordings(file.text.encode(), file.name)
        assert recording.items == witness().items
        assert f"{recording.rollout}.jsonl" == file.name


def test_no_file_is_written_over_another():
    """Two policies may have one name."""
    both = [policy_review(transitions=matrix("full", rollback_hold=shown())) for _ in range(3)]
    assert [file.name for file in witness_files(both)] == [
        "shop-full-rollback-hold.jsonl",
        "shop-full-rollback-hold-2.jsonl",
        "shop-full-rollback-hold-3.jsonl",
    ]
