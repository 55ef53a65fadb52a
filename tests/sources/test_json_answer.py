"""
Whatever a document holds and a query asks, it ends in a value that can be written down or in a reason.
"""

import json

from canarypolicy.derived.window import Missing
from canarypolicy.documents.keeper import Keeper
from canarypolicy.documents.secrets import Secret, World
from canarypolicy.history.recording_text import sample_line, text_of_line
from canarypolicy.sources.json_answer import read_document, series_of
from canarypolicy.sources.protocol import Asked
from canarypolicy.sources.samples import sample_at
from hypothesis import given, settings
from hypothesis import strategies as st

from driver import ORIGIN_US

KEEPER = Keeper("source `s`", World(variables={}, read_file=str))
KEYS = st.sampled_from(["a", "b", "at"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3) | st.just("\ud800"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)
QUERIES = st.sampled_from(
    ["a", "a.b", "a[0]", "[0].a", "sum(a)", "length(a)", "abs(a)", "to_number(a)", "max_by(a, &b)", "a.*", "@", "'x'", "`1e999`",
     "no_such_function(a)", "join(a, b)", "sort(a)", "a[::0]", "a ==", "", "a[?b > `1`] | [0]"]
)  # fmt: skip


@given(JSON, QUERIES, QUERIES, st.booleans())
@settings(deadline=None, derandomize=True, max_examples=400)
def test_any_document_and_any_query(document, query, measured, is_timed):
    read = read_document(json.dumps(document), "`s`")
    assert not isinstance(read, Missing)
    asked = Asked(signal="a.x", query=Secret(query), measured=Secret(measured), is_timed=is_timed)
    sample = sample_at(ORIGIN_US, {"a.x": series_of(read, asked, KEEPER, ORIGIN_US)})
    assert (sample.signals.get("a.x") is None) == ("a.x" in sample.why)
    assert ("a.x" in sample.times_us) == (is_timed and "a.x" in sample.signals)
    text_of_line(sample_line(sample)).encode()
