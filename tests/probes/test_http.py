"""
Requests as a customer makes them, against a fake service.
"""

from __future__ import annotations

import pytest
from canarypolicy.documents.environment_loading import load_environment
from canarypolicy.documents.part_tables import PROBE_PARAMETERS
from canarypolicy.probes.http import HttpProbe

from fake_service import FakeService
from programs import world

LOGIN = {
    "name": "login",
    "post": "/login",
    "json": {"user": "ann", "password": "${env:PASSWORD}"},
    "expect": "status == 200 && token != ''",
    "captures": {"token": {"query": "access.token"}},
}
SALE = {
    "name": "sale",
    "post": "/sales",
    "headers": {"Authorization": "Bearer {token}"},
    "json": {"article": 7, "note": "for {token}"},
    "expect": "status == 201 && order > 0 && seconds < 30.0",
    "captures": {"order": {"query": "id", "type": "int"}, "shard": {"header": "X-Shard"}},
}
PAYMENT = {"name": "payment", "put": "orders/{order}/payment", "json": {"order": "{order}"}}


def shop(asked):
    match asked.path:
        case "/login":
            return 200, {"access": {"token": "t0k3n"}}, [("Set-Cookie", "session=abc; Path=/; HttpOnly"), ("Set-Cookie", "old=1")]
        case "/sales":
            return 201, {"id": 42}, [("X-Shard", "s1"), ("Set-Cookie", "old=; Max-Age=0")]
        case _:
            return 204, b""


def look(answer, *requests, **more):
    service = FakeService(answer)
    with service.serving() as url:
        given = {"base_url": url, "requests": list(requests), **more}
        probe = HttpProbe("smoke", PROBE_PARAMETERS["http"].model_validate(given), world({"PASSWORD": "hunter2"}))
        result = probe.look()
    assert "hunter2" not in str(result)
    return service, {check.name: (check.ok, check.detail) for check in result.checks}, result.as_record()


def test_a_customer_logs_in_buys_and_pays():
    service, checks, record = look(shop, LOGIN, SALE, PAYMENT, headers={"X-Smoke": "yes"})
    assert all(ok for ok, _ in checks.values()) and (record["passed"], record["failed"]) == (3, 0)
    login, sale, payment = service.asked
    assert (login.method, login.path, login.json) == ("POST", "/login", {"user": "ann", "password": "hunter2"})
    assert sale.headers["authorization"] == "Bearer t0k3n" and sale.json["note"] == "for t0k3n"
    assert sale.headers["cookie"] == "session=abc; old=1"
    assert (payment.method, payment.path, payment.json) == ("PUT", "/orders/42/payment", {"order": 42})
    assert payment.headers["cookie"] == "session=abc"
    assert {asked.headers["x-smoke"] for asked in service.asked} == {"yes"}


def test_the_first_that_fails_is_the_last_that_is_made():
    service, checks, record = look(lambda asked: (503, b"out of stock hunter2"), LOGIN, SALE, PAYMENT)
    assert len(service.asked) == 1 and record["failed"] == 3
    ok, detail = checks["login"]
    assert (
        not ok and detail.startswith("`status == 200 && token != ''` is not met: HTTP 503 in ") and "out of stock ***" in detail
    )
    assert checks["payment"] == (False, "not made, since the one before it failed")


def test_what_is_expected_of_a_value_that_is_not_there_is_unknown():
    _, checks, _ = look(lambda asked: (200, {"access": None}), LOGIN)
    assert checks["login"][1].startswith("`status == 200 && token != ''` is unknown: HTTP 200 in ")
    assert "`token`: it is not in the answer" in checks["login"][1]


def test_a_capture_that_nothing_expects_must_be_there_all_the_same():
    _, checks, _ = look(lambda asked: (200, b"no json"), {**LOGIN, "expect": "status == 200"})
    assert checks["login"] == (False, "not captured: `token`: it is not in the answer")


def test_a_value_of_another_type_is_missing():
    _, checks, _ = look(
        lambda asked: (201, {"id": "x"}), {**SALE, "expect": "has(order)", "captures": {"order": {"query": "id", "type": "int"}}}
    )
    assert "`order`: `x` is no int" in checks["sale"][1]


def test_without_expect_any_success_passes_and_a_body_may_be_read():
    _, checks, _ = look(shop, {"name": "page", "get": "/"}, {"name": "text", "get": "/login", "expect": "body.contains('t0k')"})
    assert checks["page"] == (True, "") and checks["text"] == (True, "")


def test_one_time_limit_for_all(monkeypatch):
    _, checks, _ = look(shop, LOGIN, SALE, timeout="1ms")
    assert not checks["login"][0] and not checks["sale"][0]


ENVIRONMENT = """
apiVersion: canarypolicy/v1
kind: Environment
metadata: {name: shop}
probes:
  smoke:
    http:
      base_url: https://user:secret@shop.example
      requests:
        - {name: a, get: /, expect: statu == 200}
        - {name: b, get: /, expect: status == 200 && order > 0, captures: {id: {query: id}}}
        - {name: c, get: /, expect: id}
"""


def test_expressions_are_checked_where_they_stand():
    loaded = load_environment(ENVIRONMENT.encode(), "env.yaml")
    found = [(finding.name, finding.span.line, finding.span.text) for finding in loaded.findings if finding.is_error]
    assert found == [("undeclared-signal", 10, "statu"), ("undeclared-signal", 11, "order"), ("not-a-bool", 12, "id")]
    assert "literal-secret" in {finding.name for finding in loaded.findings}


@pytest.mark.parametrize(
    ("request_", "name"),
    [
        ({"name": "a"}, "not-one-request"),
        ({"name": "a", "get": "/", "post": "/"}, "not-one-request"),
        ({"name": "a", "get": "/", "captures": {"status": {"query": "a"}}}, "reserved-name"),
        ({"name": "a", "get": "/", "captures": {"b": {"query": "a", "header": "A"}}}, "not-one-origin"),
        ({"name": "a", "get": "/", "captures": {"b": {}}}, "not-one-origin"),
    ],
    ids=["no method", "two methods", "a reserved name", "query and header", "neither"],
)
def test_what_is_no_request(request_, name):
    with pytest.raises(ValueError) as raised:
        PROBE_PARAMETERS["http"].model_validate({"base_url": "http://shop", "requests": [request_]})
    assert raised.value.errors()[0]["type"] == name


def test_two_requests_of_one_name_are_a_fault():
    with pytest.raises(ValueError) as raised:
        PROBE_PARAMETERS["http"].model_validate({"base_url": "http://shop", "requests": [{"name": "a", "get": "/"}] * 2})
    assert raised.value.errors()[0]["type"] == "duplicate-name"
