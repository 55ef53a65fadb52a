"""
A query that must be true, against a fake service.
"""

import json

import pytest
from canarypolicy.documents.probe_parameters import PrometheusProbeParameters
from canarypolicy.probes.prometheus import PrometheusProbe

from fake_service import FakeService
from programs import world


def vector(*values):
    return {"resultType": "vector", "result": [{"metric": {}, "value": [1, value]} for value in values]}


@pytest.mark.parametrize(
    ("status", "answer", "detail"),
    [
        (200, {"data": vector("1", "0.5")}, ""),
        (200, {"data": {"resultType": "scalar", "result": [1, "2"]}}, ""),
        (200, {"data": vector()}, "the query gives nothing"),
        (200, {"data": vector("1", "0", "NaN", "+Inf")}, "3 of 4 values are 0 or no number"),
        (200, {"data": {"resultType": "matrix", "result": []}}, "HTTP 200, and no answer of Prometheus"),
        (400, {"error": "parse error: hunter2"}, "HTTP 400: parse error: ***"),
        (200, {"status": "success"}, "HTTP 200, and no answer of Prometheus"),
        (502, None, "HTTP 502, and no answer of Prometheus"),
    ],
)
def test_what_passes_and_what_does_not(status, answer, detail):
    service = FakeService(lambda asked: (status, b"<html>" if answer is None else json.dumps(answer).encode()))
    with service.serving() as url:
        given = {"url": f"{url}/", "query": 'up{a="${env:SECRET}"} == 1'}
        probe = PrometheusProbe("p", PrometheusProbeParameters.model_validate(given), world({"SECRET": "hunter2"}))
        (check,) = probe.look().checks
    assert (check.ok, check.detail) == (not detail, detail)
    assert service.asked[0].path == "/api/v1/query"
