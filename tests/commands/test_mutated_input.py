"""
Two thousand mutated policies and recordings, through the command line: each ends in findings or in a decision.
"""

import random
from pathlib import Path

import pytest

from command_line import canarypolicy

ROOT = Path(__file__).parents[2]
POLICIES = [
    (ROOT / "policies/storefront/policy.yaml").read_bytes(),
    (ROOT / "examples/careful-storefront/policy.yaml").read_bytes(),
    (ROOT / "tests/cases/documents/valid_every_feature/policy.yaml").read_bytes(),
]
RECORDING = (ROOT / "examples/blocked-sales/recording.jsonl").read_bytes()
TABLE = b"time,step,weight,canary.error_rate_5xx,canary.latency_p95\n" + b"".join(
    b"2026-05-01T10:%02d:00Z,canary-10,10,0.00%d,0.2\n" % (minute, minute % 9) for minute in range(40)
)
SCRAPS = [
    b":", b"\n", b" ", b"\t", b"{", b"}", b"[", b"]", b"'", b'"', b"&a ", b"*a", b"!", b"- ", b"? ", b"|", b">", b"#", b",", b"%", b"@", b"`",
    b"1e999", b"-1", b"null", b"true", b"~", b".nan", b".inf", b"0x1f", b"\xff", b"\x00", b"\xc3\xa9", b"&& ", b"|| ", b"has(", b"for: ", b"5m", b"0s", b"<<: ", b"\r", b"--- \n", b"1/0",
]  # fmt: skip


def mutated(rng, data):
    """Change a text as a slip, a torn write or a hostile hand would: up to four times."""
    data = bytearray(data)
    for _ in range(rng.randint(1, 4)):
        at, length = rng.randrange(len(data)), rng.choice([1, 1, 2, 5, 20, 100])
        match rng.randrange(6):
            case 0:
                del data[at : at + length]
            case 1:
                data[at:at] = rng.choice(SCRAPS)
            case 2:
                data[at : at + length] = rng.choice(SCRAPS)
            case 3:
                other = rng.randrange(len(data))
                data[at:at] = data[other : other + length]
            case 4:
                lines = data.split(b"\n")
                index, to = rng.randrange(len(lines)), rng.randrange(len(lines))
                lines.insert(to, lines.pop(index) if rng.random() < 0.5 else lines[index])
                data = bytearray(b"\n".join(lines))
            case _:
                data[at] = rng.randrange(256)
        if not data:
            data = bytearray(b"x")
    return bytes(data)


def check(done, allowed):
    assert done.exit_code in allowed, done.output
    assert "internal error" not in done.stderr
    assert "Traceback" not in done.output
    if done.exit_code == 3:
        assert "error[" in done.output


@pytest.mark.parametrize("part", range(10))
def test_mutated_policies_end_in_findings_or_are_valid(part, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rng = random.Random(f"policies-{part}")
    for _ in range(100):
        (tmp_path / "policy.yaml").write_bytes(mutated(rng, rng.choice(POLICIES)))
        check(canarypolicy("validate", "policy.yaml"), {0, 3})


@pytest.mark.parametrize("part", range(10))
def test_mutated_recordings_end_in_findings_or_are_replayed(part, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "policy.yaml").write_bytes(POLICIES[0])
    rng = random.Random(f"recordings-{part}")
    for _ in range(100):
        name = rng.choice(["r.jsonl", "r.csv"])
        (tmp_path / name).write_bytes(mutated(rng, RECORDING[:6000] if name == "r.jsonl" else TABLE))
        check(canarypolicy("replay", "policy.yaml", name, "--quiet"), {0, 3})


def test_mutated_policies_that_are_valid_decide(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "r.jsonl").write_bytes(RECORDING)
    rng = random.Random("decide")
    for _ in range(60):
        (tmp_path / "policy.yaml").write_bytes(mutated(rng, POLICIES[0]))
        check(canarypolicy("evaluate", "policy.yaml", "--metrics", "r.jsonl", "--quiet"), {0, 3, 4, 5})
