from pathlib import Path

import pytest
from canarypolicy.documents.canonical import canonical, digest
from canarypolicy.documents.loading import load_document, load_policy
from canarypolicy.documents.policy import RolloutPolicy
from canarypolicy.documents.yaml_tree import read_tree
from canarypolicy.reports.finding_text import render_findings
from hypothesis import example, given, settings
from hypothesis import strategies as st

CASES = Path(__file__).parents[1] / "cases" / "documents"
EVERY_FEATURE = (CASES / "valid_every_feature" / "policy.yaml").read_bytes()
SEEDS = (EVERY_FEATURE, *((CASES / name / "policy.yaml").read_bytes() for name in ("wrong_rules", "wrong_plan", "wrong_signals")))


def test_a_valid_policy_is_given_ready_to_be_judged_by(valid):
    """With its digest, places, types and order of derived signals."""
    loaded = load_policy(valid.encode(), "policy.yaml")
    checked = loaded.document
    assert checked is not None
    assert loaded.findings == checked.warnings == ()
    assert checked.policy.metadata.name == "storefront"
    assert checked.digest == digest(read_tree(valid.encode(), "x").data)
    assert checked.keys["plan", "every"].text == "every"
    assert checked.derived_order == ("errors.mean",)
    assert set(checked.declared) >= {"canary.error_rate", "errors.mean", "rollout.weight"}
    assert checked.source.path == "policy.yaml"


def test_the_digest_is_of_the_document_as_written(valid):
    """Neither comments, quotes nor the order of keys count; a default written out does, for it is written."""

    def digest_of(text):
        checked = load_policy(text.encode(), "policy.yaml").document
        assert checked is not None
        return checked.digest

    same = valid.replace("{name: storefront}", "{'name': \"storefront\"}  # the shop")
    assert digest_of(same) == digest_of(valid)
    assert digest_of(valid.replace("weight: 100, min: 60m", "min: 60m, weight: 100.0")) == digest_of(valid)
    assert digest_of(valid.replace("max: 2h}", "max: 2h, on_timeout: hold}")) != digest_of(valid)


def test_the_canonical_form_of_a_policy_is_the_same_policy(valid):
    """Law: reading it gives the same digest and the same model."""
    for data in (valid.encode(), EVERY_FEATURE):
        first = load_policy(data, "a.yaml").document
        second = load_policy(canonical(read_tree(data, "a.yaml").data).encode(), "b.yaml").document
        assert first is not None
        assert second is not None
        assert (first.digest, first.policy) == (second.digest, second.policy)


def test_findings_come_in_the_order_of_the_file(valid):
    """Whichever part of the pipeline has found them."""
    text = valid.replace("canary.error_rate < 0.01", "nope").replace("{name: storefront}", "{name: storefront, x: 1}")
    text = text.replace("weight: 10,", "weight: ten,").replace("name: errors,", "name: errors, name: e,")
    loaded = load_policy(text.encode(), "policy.yaml")
    assert loaded.document is None
    assert [found.name for found in loaded.findings] == ["unknown-key", "undeclared-signal", "duplicate-key", "wrong-type"]


@pytest.mark.parametrize(
    ("old", "new", "names"),
    [
        pytest.param("canary.error_rate: {", "canary.error-rate: {", ["invalid-name"], id="a signal whose name is wrong"),
        pytest.param("type: int", "type: integer", ["unknown-value"], id="a signal whose type is wrong"),
        pytest.param("{mean: {", "{meen: {", ["unknown-key"], id="a derived function that is not there"),
        pytest.param("healthy: 3000", "healthy: x", ["undeclared-signal", "wrong-type"], id="any other fault hides nothing"),
    ],
)
def test_what_only_seems_to_be_undeclared_is_not_told(valid, old, new, names):
    """Where a declaration is wrong, expressions wait until it is right."""
    text = valid.replace(old, new, 1).replace("canary.error_rate >= 0.02", "nope")
    assert sorted(found.name for found in load_policy(text.encode(), "policy.yaml").findings) == names


def test_what_yaml_misread_is_told_once(valid):
    """A value that could not be read has no further faults."""
    text = valid.replace("weight: 100", "weight: 1e999").replace("require: canary.error_rate < 0.01", "require: !nope")
    loaded = load_policy(text.replace("!nope,", "!nope ,").encode(), "policy.yaml")
    assert [found.name for found in loaded.findings] == ["custom-tag", "number-out-of-range"]


def test_a_document_without_its_header_is_not_looked_into():
    """One clear finding; a tree is only given where more can be said."""
    parsed = load_document(b"apiVersion: v1\nkind: Deployment\nspec: 5\n", "a.yaml", RolloutPolicy, "rollout-policy")
    assert (parsed.model, parsed.tree) == (None, None)
    assert [found.name for found in parsed.findings] == ["unknown-version"]


def never_raises(data):
    loaded = load_policy(data, "policy.yaml")
    render_findings(loaded.findings)
    assert (loaded.document is None) == any(found.is_error for found in loaded.findings)
    for found in loaded.findings:
        assert 0 <= found.span.start <= found.span.end <= len(found.span.source.text)
        assert not found.message[:1].isupper()
        assert not found.message.endswith(".")
        assert not any(word in found.message for word in ("yaml.", "Token(", "<scalar", "<block", "pydantic", "NoneType"))


@settings(deadline=None, derandomize=True, max_examples=300)
@given(st.binary(max_size=200))
@example(b"? ? ?")
@example(b"apiVersion: canarypolicy/v1\nkind: RolloutPolicy\nsignals: {a: {type: [x]}}\n")
def test_arbitrary_bytes_end_in_findings(data):
    """Law: no bytes raise."""
    never_raises(data)


PIECES = st.sampled_from(
    [b"[", b"]", b"{", b"}", b": ", b"- ", b"\t", b"'", b'"', b"&a ", b"*a", b"!x ", b"|", b">", b"\n", b"#", b"\xff", b"\x00",
     "\u2028".encode(), b"null", b"99999999999999999999", b".inf", b"\\", b"%", b"? ", b"<<", b"---\n", b"\r", b"5m", b"1e400",
     b"\xef\xbb\xbf", b"  ", b"true", b"&& ", b"canary.error_rate", b"(", b"=="]
)  # fmt: skip


@st.composite
def mutated(draw):
    data = bytearray(draw(st.sampled_from(SEEDS)))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(data)))
        removed = draw(st.sampled_from([0, 0, 1, 5, 30]))
        data[at : at + removed] = draw(PIECES | st.just(b""))
    return bytes(data)


@settings(deadline=None, derandomize=True, max_examples=500)
@given(mutated())
def test_mutated_policies_end_in_findings_or_a_policy(data):
    """Law: nothing that somebody may have mistyped raises."""
    never_raises(data)
