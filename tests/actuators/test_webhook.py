"""
Traffic by HTTP, against a fake service: what is sent, what is read, and every way in which it fails.
"""

from __future__ import annotations

import pytest
from canarypolicy.actuators.webhook import WebhookTraffic
from canarypolicy.documents.webhook_parameters import WebhookActuatorParameters
from canarypolicy.errors import Unavailable
from canarypolicy.live.protocols import NotDone

from fake_service import FakeService
from programs import world


class FakeEdge(FakeService):
    """
    Keeps the canary's share and tells it.
    """

    def __init__(self):
        super().__init__(self.share)
        self.canary = 0

    def share(self, asked):
        if asked.method != "GET":
            self.canary = asked.json["split"]["canary"]
        return 200, {"status": {"canary": self.canary, "label": "10", "on": True}}


def traffic(server, variables=None, timeout="20s", query="status.canary", **of_set):
    written = {
        "set": {"url": server + "/set", "json": {"split": {"canary": "{weight}"}}, **of_set},
        "read": {"url": server + "/read", "query": query, "headers": {"X-Read": "r"}},
        "timeout": timeout,
    }
    return WebhookTraffic("traffic", WebhookActuatorParameters.model_validate(written), world(variables))


def test_what_was_set_is_read_back():
    edge = FakeEdge()
    with edge.serving() as url:
        both = traffic(url)
        for weight in (10.0, 12.5, 0, 100):
            both.set(weight)
            assert both.read_back() == weight
    sent = [asked.json["split"]["canary"] for asked in edge.asked if asked.method == "POST"]
    assert [repr(each) for each in sent] == ["10", "12.5", "0", "100"]


def test_what_is_sent():
    """Method, address, headers and body; the weight as a number where it stands alone, else as text; secrets brought in."""
    service = FakeService(lambda asked: (204, b""))
    with service.serving() as url:
        traffic(
            url,
            {"TOKEN": "hunter2"},
            url=url + "/shift?to={weight}",
            method="PUT",
            headers={"Authorization": "Bearer ${env:TOKEN}"},
            json=["{weight}", "canary={weight}%", 7, None, {"key": "${env:TOKEN}"}],
        ).set(12.5)
    (asked,) = service.asked
    assert (asked.method, asked.path) == ("PUT", "/shift?to=12.5")
    assert asked.json == [12.5, "canary=12.5%", 7, None, {"key": "hunter2"}]
    assert asked.headers["authorization"] == "Bearer hunter2"
    assert asked.headers["content-type"] == "application/json"


def test_a_body_need_not_be():
    service = FakeService(lambda asked: (200, b""))
    with service.serving() as url:
        written = {"set": {"url": url + "/{weight}"}, "read": {"url": url, "query": "a"}}
        WebhookTraffic("traffic", WebhookActuatorParameters.model_validate(written), world()).set(100)
    assert (service.asked[0].path, service.asked[0].body) == ("/100", b"")


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ("status.nothing", "`query` finds the weight as a number, found `null`"),
        ("status.label", '`query` finds the weight as a number, found `"10"`'),
        ("status.on", "`query` finds the weight as a number, found `true`"),
        ("nope(status)", "`query` cannot be used on the answer of `read`: unknown function: nope()"),
        ("`250`", "a weight is between 0 and 100, found `250`"),
    ],
)
def test_an_answer_without_a_percentage_is_not_done(query, why):
    with FakeEdge().serving() as url, pytest.raises(NotDone) as raised:
        traffic(url, query=query).read_back()
    assert raised.value.why == f"actuator `traffic`: {why}"


def test_a_text_can_be_made_a_number_by_the_query():
    with FakeEdge().serving() as url:
        assert traffic(url, query="to_number(status.label)").read_back() == 10


@pytest.mark.parametrize("body", [b"", b"<html>", b"[" * 100_000])
def test_an_answer_that_is_no_json_is_not_done(body):
    with FakeService(lambda asked: (200, body)).serving() as url, pytest.raises(NotDone, match="answered with no JSON"):
        traffic(url).read_back()


def test_another_status_is_not_done_and_the_answer_is_told_without_secrets():
    service = FakeService(lambda asked: (403, {"error": "hunter2 may not"}))
    with service.serving() as url, pytest.raises(NotDone) as raised:
        traffic(url, {"TOKEN": "hunter2"}, headers={"X-Token": "${env:TOKEN}"}).set(10)
    assert raised.value.why == 'actuator `traffic` answered with HTTP 403: {"error": "*** may not"}'


def test_a_redirect_is_not_followed():
    service = FakeService(lambda asked: (307, b""))
    with service.serving() as url:
        service.redirect_to = url + "/elsewhere"
        with pytest.raises(NotDone, match="HTTP 307"):
            traffic(url).set(10)
    assert len(service.asked) == 1


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("${env:URL}", "`set.url` of actuator `traffic` is no address"),
        ("http://${env:URL}:port/", "`set.url` of actuator `traffic` is no address"),
        ("http://a b", "`set.url` of actuator `traffic` is no address"),
        ("http://${env:NOWHERE}", "`set.url` of actuator `traffic`: the environment variable `NOWHERE` is not set"),
    ],
)
def test_an_address_that_is_none_is_told_before_anything_is_sent(url, message):
    with pytest.raises(Unavailable) as raised:
        traffic("http://127.0.0.1", {"URL": "hunter2"}, url=url)
    assert raised.value.message == message


def test_a_header_that_cannot_be_sent_is_told():
    with pytest.raises(Unavailable, match="cannot be sent in a header"):
        traffic("http://127.0.0.1", {"T": "a\r\nEvil: b"}, headers={"X-T": "${env:T}"})


def test_nobody_there_is_not_done():
    with pytest.raises(NotDone) as raised:
        traffic("http://nowhere.invalid").set(10)
    assert raised.value.why == "actuator `traffic`: no connection: the server cannot be reached"


def test_parameters_are_written_as_they_were_read_without_passwords():
    written = {
        "set": {"url": "https://me:hunter2@edge", "json": {"to": ["{weight}", 1, None, "${env:A}", ""]}},
        "read": {"url": "https://edge", "query": "a"},
    }
    shown = WebhookActuatorParameters.model_validate(written).model_dump(mode="json", by_alias=True, exclude_unset=True)
    assert shown == {**written, "set": {**written["set"], "url": "https://me:***@edge"}}
