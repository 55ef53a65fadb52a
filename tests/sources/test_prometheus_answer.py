"""
Whatever a server answers ends in numbers or in a reason.
"""

import json

import pytest
from canarypolicy.derived.window import Missing
from canarypolicy.documents.secrets import Secret
from canarypolicy.sources.bounded_http import Answer
from canarypolicy.sources.prometheus_answer import Numbers, Reader, is_bad_query, read_numbers, why_no_number
from hypothesis import given, settings
from hypothesis import strategies as st

READER = Reader(label="`prom`", secrets=(Secret("s3cret"), Secret("")))
MALFORMED = "the answer of `prom` is not one of Prometheus: "


def ok(body):
    return Answer(status=200, body=body if isinstance(body, bytes) else json.dumps(body).encode())


def with_values(values, metric=None):
    return ok({"status": "success", "data": {"resultType": "matrix", "result": [{"metric": metric or {}, "values": values}]}})


def read(*answers):
    return read_numbers(READER, answers)


def test_numbers_and_their_times_are_read_exactly():
    """A time such as 1700000000.123 is not a double that happens to be near."""
    found = read(
        ok(
            b'{"status":"success","data":{"resultType":"matrix","result":[{"metric":{},"values":[[1700000000.123,"0.1"],[1700000001,"1e-7"]]}]}}'
        )
    )
    assert found == Numbers(by_time={1_700_000_000_123_000: 0.1, 1_700_000_001_000_000: 1e-7})


def test_parts_of_one_series_are_joined():
    assert read(with_values([[1, "1"]]), with_values([[2, "2"]])) == Numbers(by_time={1_000_000: 1.0, 2_000_000: 2.0})


def test_two_series_are_a_fault_of_the_query_also_when_they_follow_one_another():
    found = read(with_values([[1, "1"]], {"pod": "a"}), with_values([[2, "2"]], {"pod": "b"}))
    assert found == Missing(why="the query gives 2 series, one is needed: aggregate them, for example with `sum()`")


def test_one_part_without_an_answer_makes_all_of_it_missing():
    assert read(with_values([[1, "1"]]), Missing(why="gone")) == Missing(why="gone")


WRONG = [
    ("no JSON", b"<html>", "it is no JSON"),
    ("no text", b"\xff\xfe", "it is no JSON"),
    ("nested without end", b"[" * 100_000, "it is no JSON"),
    ("a number too long to be one", b'{"status": ' + b"9" * 5000 + b"}", "it says neither success nor error"),
    ("no object", [1], "it is no JSON object"),
    ("an error with status 200", {"status": "error"}, "it says neither success nor error"),
    ("no data", {"status": "success"}, "it says neither success nor error"),
    ("data that is no object", {"status": "success", "data": []}, "its `data` is no object"),
    ("an instant answer", {"status": "success", "data": {"resultType": "vector", "result": []}}, "expected a `matrix`, found `vector`"),
    ("a result that is no list", {"status": "success", "data": {"resultType": "matrix", "result": {}}}, "a list is missing"),
    ("a series without labels", {"status": "success", "data": {"resultType": "matrix", "result": [{}]}}, "a series has no labels"),
    (
        "histograms",
        {"status": "success", "data": {"resultType": "matrix", "result": [{"metric": {}, "histograms": []}]}},
        "expected numbers, found histograms",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("body", "why"), [case[1:] for case in WRONG], ids=[case[0] for case in WRONG])
def test_what_is_no_answer_of_prometheus(body, why):
    assert read(ok(body)) == Missing(why=MALFORMED + why)


@pytest.mark.parametrize(
    "point",
    [
        [1],
        ["1", 2, 3],
        [-1, "1"],
        [1, None],
        [1, "1_0"],
        [1, "infinity"],
        [1, "0x10"],
        [1, " 1"],
        [1e30, "1"],
        "x",
        None,
        [True, "1"],
    ],
    ids=repr,
)
def test_a_value_that_is_none(point):
    assert read(with_values([point])) == Missing(why=MALFORMED + "a value is no pair of a time and a number")


STATUSES = [
    (500, b"", "`prom` answered HTTP 500 (Internal Server Error)"),
    (404, b"<html>", "`prom` answered HTTP 404 (Not Found)"),
    (302, b"", "`prom` answered HTTP 302 (Found)"),
    (299, b"", "`prom` answered HTTP 299"),
    (401, b'{"message": 1}', "`prom` answered HTTP 401 (Unauthorized)"),
    (503, b'{"error": "query timed out"}', "`prom` answered HTTP 503 (Service Unavailable): query timed out"),
    (
        400,
        b'{"errorType": "bad_data", "error": "parse error:\\n at s3cret \\u0007 http://a:b@c"}',
        "`prom` answered HTTP 400 (Bad Request): bad_data: parse error: at *** ? http://a:***@c",
    ),
]


@pytest.mark.parametrize(("status", "body", "why"), STATUSES, ids=[str(case[0]) for case in STATUSES])
def test_a_status_of_its_own_and_the_server_s_own_words(status, body, why):
    answer = Answer(status=status, body=body)
    assert read(answer) == Missing(why=why)
    assert is_bad_query(answer) == (status == 400)


def test_a_long_text_of_the_server_is_cut():
    found = read(Answer(status=422, body=json.dumps({"error": "x" * 1000}).encode()))
    assert isinstance(found, Missing)
    assert found.why.endswith("x...")
    assert len(found.why) < 260


def test_what_the_server_warns_of_is_kept_without_secrets():
    found = read(ok({"status": "success", "warnings": ["s3cret replica"], "data": {"resultType": "matrix", "result": []}}))
    assert found == Numbers(by_time={}, warnings=("*** replica",))


def test_numbers_that_are_no_values():
    assert why_no_number(0.0) is None
    assert [why_no_number(float(text)) for text in ("nan", "inf", "-inf")] == [
        "the query gives NaN, as 0/0 does", "the query gives +Inf", "the query gives -Inf"
    ]  # fmt: skip


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["status", "data", "resultType", "result", "metric", "values", "warnings"]), inner, max_size=4
        )
    ),
    max_leaves=10,
)


@settings(deadline=None, derandomize=True, max_examples=200)
@given(JSON, st.sampled_from([200, 400, 500]))
def test_any_answer_ends_in_numbers_or_in_a_reason(body, status):
    """No answer, however odd, raises."""
    for document in (body, {"status": "success", "data": {"resultType": "matrix", "result": body}, "warnings": []}):
        assert isinstance(read(Answer(status=status, body=json.dumps(document).encode())), (Numbers, Missing))
