"""
Notices by HTTP, against a fake service.
"""

from __future__ import annotations

import pytest
from canarypolicy.documents.webhook_parameters import WebhookNotifierParameters
from canarypolicy.live.protocols import NotDone, Notice, Occurrence
from canarypolicy.notifiers.webhook import WebhookNotifier

from fake_service import FakeService
from programs import world

NOTICE = Notice(
    occurrence=Occurrence.ROLLED_BACK, key="run-1:rolled-back", text="zurück: a < 3 & <b>", facts={"step": "canary-10"}
)


def notifier(url, **more):
    parameters = WebhookNotifierParameters.model_validate({"url": url, "timeout": "20s", **more})
    return WebhookNotifier("1", parameters, world({"TOKEN": "hunter2"}))


def test_all_of_a_notice_is_posted_with_its_key():
    service = FakeService(lambda asked: (202, b""))
    with service.serving() as url:
        notifier(url + "/hook", headers={"Authorization": "Bearer ${env:TOKEN}"}).notify(NOTICE)
    (asked,) = service.asked
    assert (asked.method, asked.path) == ("POST", "/hook")
    assert asked.json == {
        "occurrence": "rolled-back",
        "key": "run-1:rolled-back",
        "text": "zurück: a < 3 & <b>",
        "facts": {"step": "canary-10"},
    }
    assert asked.headers["idempotency-key"] == "run-1:rolled-back"
    assert asked.headers["authorization"] == "Bearer hunter2"
    assert asked.headers["content-type"] == "application/json"


def test_slack_gets_a_text_that_mentions_nobody():
    service = FakeService(lambda asked: (200, b"ok"))
    with service.serving() as url:
        notifier(url, template="slack").notify(NOTICE)
    assert service.asked[0].json == {"text": "zurück: a &lt; 3 &amp; &lt;b&gt;"}


def test_what_was_not_taken_in_is_not_done():
    with FakeService(lambda asked: (500, b"no hunter2")).serving() as url, pytest.raises(NotDone) as raised:
        notifier(url, headers={"X-Token": "${env:TOKEN}"}).notify(NOTICE)
    assert raised.value.why == "notifier `1` answered with HTTP 500: no ***"
    with pytest.raises(NotDone) as raised:
        notifier("http://nowhere.invalid").notify(NOTICE)
    assert raised.value.why == "notifier `1`: no connection: the server cannot be reached"
