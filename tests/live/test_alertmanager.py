"""
A real Alertmanager is told of a rollback once, and passes it on once, also to a receiver that fails twice first.
"""

from __future__ import annotations

import json
import shutil
import subprocess

import pytest
from canarypolicy.documents.part_tables import NOTIFIER_PARAMETERS
from canarypolicy.live.protocols import Notice, Occurrence
from canarypolicy.notifiers.alertmanager import Alertmanager

from fake_service import FakeService
from live.servers import end, fetch, free_port, wait_for
from live.shops import until
from programs import world

pytestmark = pytest.mark.skipif(
    shutil.which("prometheus-alertmanager") is None, reason="`prometheus-alertmanager` is not installed"
)

CONFIG = """
route: {{receiver: shop, group_by: [occurrence], group_wait: 0s, group_interval: 1s, repeat_interval: 1h}}
receivers: [{{name: shop, webhook_configs: [{{url: '{url}/hook', send_resolved: true}}]}}]
"""


def test_one_message_a_notice(tmp_path):
    answers = iter([500, 500])
    received = FakeService(lambda asked: (next(answers, 200), b""))
    with received.serving() as hook:
        (tmp_path / "a.yml").write_text(CONFIG.format(url=hook), encoding="utf-8")
        port = free_port()
        arguments = [
            "prometheus-alertmanager", "--config.file", "a.yml", "--storage.path", "st",
            "--web.listen-address", f"127.0.0.1:{port}", "--cluster.listen-address=",
        ]  # fmt: skip
        with (tmp_path / "log").open("wb") as log:
            process = subprocess.Popen(arguments, cwd=tmp_path, stdout=log, stderr=log)
            try:
                url = f"http://127.0.0.1:{port}"
                wait_for(lambda: fetch(f"{url}/-/ready"), process, tmp_path / "log")
                parameters = NOTIFIER_PARAMETERS["alertmanager"].model_validate({"url": url})
                tell = Alertmanager("alertmanager-1", parameters, world({})).notify
                notice = Notice(occurrence=Occurrence.ROLLED_BACK, key="r/rolled-back", text="all is lost", facts={"run": "r"})
                tell(notice)
                tell(notice)
                until(lambda: len(received.asked) >= 3, 30, "two refusals and a delivery")
                assert [each["labels"]["run"] for each in json.loads(fetch(f"{url}/api/v2/alerts"))] == ["r"]
                assert {each.json["alerts"][0]["annotations"]["summary"] for each in received.asked} == {"all is lost"}
                tell(Notice(occurrence=Occurrence.RECOVERED, key="r/recovered", text="all is well", facts={"run": "r"}))
                until(lambda: any(each.json["status"] == "resolved" for each in received.asked), 30, "the end of the alert")
                delivered = received.asked[2:]
                assert sum(each.json["status"] == "firing" and "lost" in str(each.json) for each in delivered) == 1
            finally:
                end(process)
