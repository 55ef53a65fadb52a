"""
What a probe found, as a table.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from canarypolicy.reports.escape import visible
from canarypolicy.reports.paint import Tone, paint

if TYPE_CHECKING:
    from canarypolicy.history.decision_record import Record
    from canarypolicy.reports.rollout_result import Probed


def render_probed(probed: Probed, *, color: bool = False) -> str:
    """
    Give a line for each check, and the counts.
    """
    checks = probed.result["checks"]
    width = max((len(visible(check["name"])) for check in checks), default=0)
    lines = []
    for check in checks:
        word = paint("ok  ", Tone.GOOD, color=color) if check["ok"] else paint("FAIL", Tone.BAD, color=color)
        detail = f"  {visible(check['detail'])}" if check["detail"] else ""
        lines.append(f"{word}  {visible(check['name']):<{width}}  {check['seconds'] * 1000:7.1f} ms{detail}")
    captured = {name: value for name, value in probed.result.items() if name not in ("checks", "passed", "failed")}
    lines += [f"      {name} = {visible(str(value))}" for name, value in captured.items()]
    lines.append(f"{visible(probed.name)}: {probed.result['passed']} passed, {probed.result['failed']} failed")
    return "\n".join(lines) + "\n"


def probed_record(probed: Probed) -> Record:
    """
    Give the same as a JSON value.
    """
    return {"probe": probed.name, "result": dict(probed.result)}
