"""
A run that is killed at any write or act goes on as if nothing had happened: see `crash_driver.py`.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest

DRIVER = Path(__file__).parent / "crash_driver.py"
POINTS = {"complete": 100, "errors": 90, "incident": 60, "aborted": 60}
"""At least so many points in each rollout: more than 300 together."""


@pytest.mark.skipif(not hasattr(__import__("os"), "fork"), reason="a process is killed and continued by fork")
@pytest.mark.parametrize("scenario", POINTS)
def test_killed_at_every_point_it_goes_on_as_if_nothing_had_happened(scenario, tmp_path):
    done = subprocess.run(
        [sys.executable, str(DRIVER), str(tmp_path), scenario], capture_output=True, text=True, timeout=900, check=True
    )
    result = json.loads(done.stdout)
    assert not result["differences"], "\n".join((*result["differences"][:5], done.stderr[-2000:]))
    assert result["points"] >= POINTS[scenario]
    assert result["state"] == ("complete" if scenario == "complete" else "rolled-back")
