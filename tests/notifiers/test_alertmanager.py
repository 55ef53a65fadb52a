"""
Alerts, against a fake Alertmanager.
"""

from __future__ import annotations

import pytest
from canarypolicy.documents.part_tables import NOTIFIER_PARAMETERS
from canarypolicy.live.protocols import NotDone, Notice, Occurrence
from canarypolicy.notifiers.alertmanager import Alertmanager
from pydantic import ValidationError

from fake_service import FakeService
from programs import world


def notice(occurrence):
    return Notice(
        occurrence=occurrence, key=f"run-1/{occurrence.value}", text="all is lost", facts={"run": "run-1", "policy": "shop"}
    )


def notifier(url, **more):
    parameters = NOTIFIER_PARAMETERS["alertmanager"].model_validate({"url": url, "timeout": "20s", **more})
    return Alertmanager("alertmanager-1", parameters, world({"TOKEN": "hunter2"}))


def sent(occurrence, **more):
    service = FakeService(lambda asked: (200, b""))
    with service.serving() as url:
        notifier(f"{url}/am/", **more).notify(notice(occurrence))
    (asked,) = service.asked
    assert (asked.method, asked.path) == ("POST", "/am/api/v2/alerts")
    return asked.json


def test_a_notice_is_one_alert_with_labels_that_tell_it_from_others():
    (alert,) = sent(Occurrence.ROLLED_BACK, labels={"team": "shop"})
    assert alert["labels"] == {
        "alertname": "CanaryRollout",
        "occurrence": "rolled-back",
        "severity": "critical",
        "run": "run-1",
        "policy": "shop",
        "team": "shop",
    }
    assert alert["annotations"] == {"summary": "all is lost", "key": "run-1/rolled-back"}
    assert alert["endsAt"] > alert["startsAt"]


@pytest.mark.parametrize(
    ("occurrence", "severity"),
    [(Occurrence.NOT_RECOVERED, "critical"), (Occurrence.OVERDUE, "warning"), (Occurrence.COMPLETE, "info")],
    ids=str,
)
def test_each_occurrence_has_its_severity(occurrence, severity):
    assert sent(occurrence)[0]["labels"]["severity"] == severity


def test_a_recovery_ends_the_alert_of_the_rollback():
    recovered, ended = sent(Occurrence.RECOVERED)
    (rolled_back,) = sent(Occurrence.ROLLED_BACK)
    assert recovered["labels"]["occurrence"] == "recovered"
    assert ended["labels"] == rolled_back["labels"]
    assert ended["endsAt"] <= recovered["startsAt"]


def test_a_label_given_cannot_take_the_place_of_ours():
    (alert,) = sent(Occurrence.ROLLED_BACK, labels={"severity": "none"})
    assert alert["labels"]["severity"] == "critical"


def test_what_is_not_accepted_is_not_done():
    with FakeService(lambda asked: (422, b"no hunter2")).serving() as url, pytest.raises(NotDone) as raised:
        notifier(url, headers={"X-Token": "${env:TOKEN}"}).notify(notice(Occurrence.COMPLETE))
    assert raised.value.why == "notifier `alertmanager-1` answered with HTTP 422: no ***"


@pytest.mark.parametrize("more", [{"lasts": "0s"}, {"labels": {"a-b": "c"}}, {"labels": {"a": ""}}], ids=str)
def test_what_cannot_be_an_alert_is_refused(more):
    with pytest.raises(ValidationError):
        NOTIFIER_PARAMETERS["alertmanager"].model_validate({"url": "http://am", **more})
