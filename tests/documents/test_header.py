import pytest
from canarypolicy.documents.header import header_finding
from canarypolicy.documents.yaml_tree import read_tree


def header(text, kind="RolloutPolicy"):
    found = header_finding(read_tree(text.encode(), "a.yaml"), kind)
    return found and (found.name, found.span.text, found.message, found.help)


def test_a_document_of_the_version_and_kind_passes():
    """Whatever else is in it."""
    assert header("apiVersion: canarypolicy/v1\nkind: Environment\nx: 1", "Environment") is None


BEGIN = "begin the document with `apiVersion: canarypolicy/v1` and `kind: RolloutPolicy`"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("a text", ("wrong-type", "a text",
                     "a document is a mapping that begins with `apiVersion: canarypolicy/v1`, found the text `a text`", None), id="no mapping"),
        pytest.param("kind: RolloutPolicy", ("missing-key", "kind: RolloutPolicy", "the document lacks `apiVersion`", BEGIN), id="no version"),
        pytest.param("{a: 1}", ("missing-key", "{a: 1}", "the document lacks `apiVersion` and `kind`", BEGIN), id="neither version nor kind"),
        pytest.param("apiVersion: v1\nkind: RolloutPolicy", ("unknown-version", "v1",
                     "the version `v1` is not known, expected `canarypolicy/v1`", None), id="another version"),
        pytest.param("apiVersion: 1\nkind: RolloutPolicy", ("unknown-version", "1",
                     "the version `1` is not known, expected `canarypolicy/v1`", None), id="a number for a version"),
        pytest.param("apiVersion:\nkind: RolloutPolicy", ("unknown-version", "apiVersion",
                     "the version `null` is not known, expected `canarypolicy/v1`", None), id="no value for a version"),
        pytest.param("apiVersion: canarypolicy/v1\nkind: Rolloutpolicy", ("unknown-kind", "Rolloutpolicy",
                     "the kind `Rolloutpolicy` is not known, expected `RolloutPolicy`",
                     "did you mean `RolloutPolicy`? kinds: `RolloutPolicy`, `Environment`, `PolicyTest`"), id="a misspelt kind"),
        pytest.param("apiVersion: canarypolicy/v1\nkind: [x]", ("unknown-kind", "[x]",
                     'the kind `["x"]` is not known, expected `RolloutPolicy`', "kinds: `RolloutPolicy`, `Environment`, `PolicyTest`"), id="a list for a kind"),
        pytest.param("apiVersion: canarypolicy/v1\nkind: PolicyTest", ("wrong-kind", "PolicyTest",
                     "this is a document of kind `PolicyTest`, expected `RolloutPolicy`", None), id="another kind"),
    ],
)  # fmt: skip
def test_other_documents_are_told_what_is_expected(text, expected):
    """One finding, for nothing else can be said about such a document."""
    assert header(text) == expected
