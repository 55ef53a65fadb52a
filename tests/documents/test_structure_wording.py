import pytest
from canarypolicy.documents import structure_wording as wording
from canarypolicy.documents.duration import PATTERN as DURATION
from canarypolicy.documents.fields import KEBAB_PATTERN
from canarypolicy.documents.signals import NAME_PATTERN


@pytest.mark.parametrize(
    ("path", "subject"),
    [((), "the document"), (("a", "b"), "`b`"), (("a", 0), "item 1 of `a`"), (("a", 0, 1), "item 2 of item 1 of `a`"), ((0,), "item 1 of the document")],
)  # fmt: skip
def test_values_are_named_by_where_they_are(path, subject):
    """Items count from 1."""
    assert wording.subject(path) == subject


@pytest.mark.parametrize(
    ("value", "found"),
    [(None, "nothing"), ("", "an empty text"), ("a", "the text `a`"), (True, "`true`"), (5, "the int `5`"), (0.5, "the number `0.5`"),
     ([], "a list"), ({}, "a mapping")],
)  # fmt: skip
def test_what_stands_there_is_told_in_words_of_yaml(value, found):
    """No word of Python or JSON."""
    assert wording.found(value) == found


@pytest.mark.parametrize(
    ("value", "asked", "way_out"),
    [
        ("10", "a number", "leave the quotes out"),
        ("-1.5", "an int", "leave the quotes out"),
        ("ten", "a number", None),
        ("yes", "`true` or `false`", "YAML 1.2 knows one word for it: write `true`"),
        ("Off", "`true` or `false`", "YAML 1.2 knows one word for it: write `false`"),
        ("maybe", "`true` or `false`", None),
        (30, "a duration such as `5m`", "a duration has a unit: `30s` are seconds, `30m` minutes"),
        (0.5, "a duration such as `5m`", None),
        (True, "a duration such as `5m`", None),
        (5, "text", "for text, write it in quotes: `'5'`"),
        (False, "a name such as `canary-10`", "for text, write it in quotes: `'false'`"),
        ([5], "text", None),
        (5, "a list", None),
    ],
)
def test_a_wrong_type_has_a_way_out_where_the_meaning_is_plain(value, asked, way_out):
    """And none where it would be a guess."""
    assert wording.wrong_type(("a",), value, asked)[1] == way_out


@pytest.mark.parametrize(
    ("text", "pattern", "name", "way_out"),
    [
        ("5 minutes", DURATION, "invalid-duration", "write `5m`"),
        ("250 Milliseconds", DURATION, "invalid-duration", "write `250ms`"),
        ("1.5h", DURATION, "invalid-duration", None),
        ("Canary 10%", KEBAB_PATTERN, "invalid-name", "write `canary-10`"),
        ("---", KEBAB_PATTERN, "invalid-name", None),
        ("canary.error-rate", NAME_PATTERN, "invalid-name", "write `canary.error_rate`"),
        ("my_app.errors", NAME_PATTERN, "invalid-name", "write `myapp.errors`"),
        ("a..b", NAME_PATTERN, "invalid-name", None),
        ("abc", "^[0-9]+$", "invalid-text", None),
    ],
)
def test_a_text_that_follows_no_pattern_has_a_way_out_where_there_is_one(text, pattern, name, way_out):
    """A name that would do, made of the one that was written."""
    found = wording.wrong_text(text, pattern)
    assert (found[0], found[2]) == (name, way_out)
    assert f"`{text}`" in found[1]


@pytest.mark.parametrize(
    ("value", "keyword", "bound", "expected"),
    [
        (5, "maximum", 4, ("number-out-of-range", "`a` is `5`, expected at most 4", None)),
        (5, "exclusiveMinimum", 5, ("number-out-of-range", "`a` is `5`, expected more than 5", None)),
        ("", "minLength", 1, ("empty-text", "`a` is empty", None)),
        ([], "minItems", 1, ("wrong-count", "`a` has 0 items, expected at least 1 item", None)),
        ([1], "minItems", 2, ("wrong-count", "`a` has 1 item, expected at least 2 items", None)),
        (5, "multipleOf", 2, ("wrong-value", "`a` is `5`, expected multipleOf `2`", None)),
    ],
)
def test_bounds_are_told(value, keyword, bound, expected):
    """What is there and what is expected."""
    assert wording.out_of_bounds(("a",), value, keyword, bound) == expected


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"$ref": "#/$defs/A"}, "text"),
        ({"type": ["number", "null"]}, "a number or null"),
        ({"const": True}, "`true`"),
        ({"enum": ["a", "b", "c"]}, "`a`, `b` or `c`"),
        ({"type": "object", "required": ["a", "b"]}, "a mapping with `a` and `b`"),
        ({"type": "object", "x-kind": "source"}, "a mapping with one source"),
        ({"oneOf": [{"type": "array"}, {"type": "boolean"}]}, "a list or `true` or `false`"),
    ],
)
def test_what_a_schema_asks_for_is_told(schema, expected):
    """In the words that findings use."""
    assert wording.expected(schema, {"A": {"type": "string"}}) == expected
