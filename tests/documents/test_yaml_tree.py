import pytest
from canarypolicy.documents.yaml_nodes import DEEPEST, MOST_VALUES
from canarypolicy.documents.yaml_tree import LONGEST, read_tree
from canarypolicy.errors import InvalidInput


def tree(text):
    return read_tree(text.encode(), "a.yaml")


def refused(text):
    with pytest.raises(InvalidInput) as raised:
        tree(text)
    (found,) = raised.value.findings
    return found


def test_data_is_plain_and_everything_has_a_place():
    """Values and keys are placed by their path, with their quotes."""
    found = tree("a: {'b': [1, \"x\"]}\nc:\n  - d\n  - e: null\n")
    assert found.data == {"a": {"b": [1, "x"]}, "c": ["d", {"e": None}]}
    assert found.places["a", "b"].text == '[1, "x"]'
    assert found.places["a", "b", 1].text == '"x"'
    assert found.key(("a", "b")).text == "'b'"
    assert found.places["c", 1].text == "e: null"
    assert found.places[()].start == 0
    assert found.findings == ()


def test_a_value_is_underlined_where_it_is_written():
    """A mapping without brackets is known by its key, a value that is not written too; what is not there by what is around it."""
    found = tree("a:\n  b: 1\nc: {d: 1}\ne:\n- f: 1\n")
    assert found.at(("a",)).text == "a"
    assert found.at(("c",)).text == "{d: 1}"
    assert found.at(("c", "x", 0)).text == "{d: 1}"
    assert found.at(("e", 0)).text == "f: 1"
    assert tree("a:\nb: 1").at(("a",)).text == "a"


def test_an_alias_repeats_data_and_places():
    """Under an alias, everything stands where it is written: at the anchor."""
    found = tree("a: &x {b: y}\nc: *x\nd: &k e\n*k : 1\n")
    assert found.data == {"a": {"b": "y"}, "c": {"b": "y"}, "d": "e", "e": 1}
    assert found.places["c", "b"].start == found.places["a", "b"].start
    assert found.embedded(("c", "b")).text == "y"


def test_an_alias_of_an_alias_is_the_same_value():
    """Anchors may be repeated through lists."""
    assert tree("- &a x\n- &b [*a]\n- *b\n").data == ["x", ["x"], ["x"]]


@pytest.mark.parametrize("text", ["", "\n", "# only a comment\n", "---\n", "null", "~"])
def test_nothing_is_no_document(text):
    """A file without content says so."""
    assert refused(text).name == "empty-document"


def test_core_tags_are_read_and_others_are_findings():
    """`!!str` makes text of anything; a tag that is no core tag, or not that of its value, is named."""
    found = tree("a: !!str 5\nb: !!int 5\nc: !!map {d: 1}\ne: !!seq [1]\nf: ! 7\ng: !!str 'x'\n")
    assert found.data == {"a": "5", "b": 5, "c": {"d": 1}, "e": [1], "f": "7", "g": "x"}
    assert found.findings == ()
    wrong = tree("a: !!int x\nb: !!set {c}\nd: !e [1]\nf: !g 'h'\n").findings
    assert [(finding.name, finding.span.line) for finding in wrong] == [("custom-tag", line) for line in (1, 2, 3, 4)]
    assert wrong[0].message == "a value that begins with `!` is read as a YAML tag: `!!int`"


@pytest.mark.parametrize(
    ("text", "name", "underlined", "message", "data"),
    [
        pytest.param(
            "a: 1\n'a': 2\n", "duplicate-key", "'a'", "the key `a` stands here twice", {"a": 1}, id="the second of two keys"
        ),
        pytest.param("a: 1\n2: 3\n", "key-not-text", "2", "a key is text, found `2`", {"a": 1}, id="a number for a key"),
        pytest.param("a: 1\n? \n: 3\n", "key-not-text", "", "a key is text, found nothing", {"a": 1}, id="no key"),
        pytest.param(
            "{a: 1, [b]: 3}", "key-not-text", "[b]", "a key is text, found a list or a mapping", {"a": 1}, id="a list for a key"
        ),
        pytest.param(
            "a: 1\n<<: {b: 2}\n", "merge-key", "<<", "`<<` is no key: YAML 1.2 merges no mappings", {"a": 1}, id="a merge key"
        ),
        pytest.param(
            'a: "\\e[0m"\n',
            "control-character",
            '"\\e[0m"',
            "a text holds the control character U+001B",
            {"a": "\x1b[0m"},
            id="an escaped control character",
        ),
        pytest.param(
            "a: 1e999\n",
            "number-out-of-range",
            "1e999",
            "`1e999` is larger than any double",
            {"a": float("inf")},
            id="a number beyond doubles",
        ),
    ],
)
def test_what_is_wrong_with_a_key_or_value_does_not_stop_the_reading(text, name, underlined, message, data):
    """The rest of the document is still read."""
    found = tree(text)
    (finding,) = found.findings
    assert (finding.name, finding.span.text, finding.message) == (name, underlined, message)
    assert found.data == data


def test_a_duplicate_key_tells_where_the_first_one_is():
    """The help names the line."""
    assert tree("a: 1\nb: 2\na: 3\n").findings[0].help == "it stands first in line 1"


@pytest.mark.parametrize(
    ("text", "name", "underlined"),
    [
        pytest.param("a: 1\n---\nb: 2\n", "several-documents", "---", id="a second document"),
        pytest.param("a: *x\n", "unknown-anchor", "*x", id="an alias without its anchor"),
        pytest.param("a: &x [*x]\n", "recursive-alias", "*x", id="an alias inside of itself"),
        pytest.param("[" * (DEEPEST + 1), "too-deep", "[", id="one list too deep"),
        pytest.param("a: [" + "x," * MOST_VALUES + "]", "too-many-values", "x", id="too many values"),
        pytest.param("a: [" + "x," * 3 * MOST_VALUES + "]", "too-many-values", "x", id="far too many values"),
    ],
)
def test_what_cannot_be_read_on_with_is_refused_at_its_place(text, name, underlined):
    """The limits hold before anything has grown."""
    found = refused(text)
    assert (found.name, found.span.text) == (name, underlined)


def test_the_deepest_document_is_read():
    """The limit itself is allowed, with text in the innermost list."""
    assert tree("[" * DEEPEST + "x" + "]" * DEEPEST).data


def test_aliases_cannot_make_a_document_deeper():
    """What is written flat and repeated deep is measured as it is repeated."""
    half = DEEPEST // 2
    found = refused("a: &a " + "[" * half + "x" + "]" * half + "\nb: " + "[" * half + "*a" + "]" * half)
    assert found.name == "too-deep"


def test_an_alias_bomb_is_refused_where_it_goes_off():
    """Neither many values nor long texts can be made by repeating them."""
    lines = ["a: &a [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"{name}: &{name} [{', '.join([f'*{below}'] * 10)}]" for below, name in zip("abcd", "bcde", strict=True)]
    many = refused("\n".join(lines))
    assert (many.name, many.span.line, many.span.text) == ("alias-bomb", 5, "*d")
    long = refused("a: &a '" + "x" * 500_000 + "'\nb: [" + "*a, " * (LONGEST // 500_000 + 1) + "]")
    assert (long.name, long.span.text) == ("alias-bomb", "*a")


def test_as_many_values_as_are_allowed_are_read():
    """The limit itself is allowed; an alias within it is no bomb."""
    assert len(tree("a: &a x\nb: [" + "*a," * (MOST_VALUES - 3) + "]").data["b"]) == MOST_VALUES - 3
