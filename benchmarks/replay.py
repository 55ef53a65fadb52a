"""
What reading a recording costs a cell, by format, and what replaying one costs a sample.

Run it with `python benchmarks/replay.py`; it makes its recordings itself.
"""

import gzip
import io
import json
from collections.abc import Callable
from pathlib import Path
from time import process_time

from canarypolicy.documents.duration import format_instant, parse_instant
from canarypolicy.documents.loading import load_policy
from canarypolicy.engine.program import build
from canarypolicy.history.recording import Recording, read_recordings
from canarypolicy.history.replay import replay

SAMPLES, SIGNALS = 20_000, 50
START_US = parse_instant("2026-05-01T00:00:00Z")
MINUTE_US = 60_000_000
POLICY = Path(__file__).parents[1] / "examples" / "simulated-rollouts" / "careful.yaml"


def value(sample: int, signal: int) -> float:
    """
    Give a number from 0 to 1 that looks like none in particular.
    """
    return (sample * 7919 + signal * 104_729) % 1_000 / 1_000


def rows() -> list[tuple[str, dict[str, float]]]:
    """
    Make the history that is read: times and values.
    """
    return [
        (format_instant(START_US + index * MINUTE_US), {f"pod{signal}.load": value(index, signal) for signal in range(SIGNALS)})
        for index in range(SAMPLES)
    ]


def files() -> dict[str, bytes]:
    """
    Write one history in every format.
    """
    import pyarrow as pa  # noqa: PLC0415 - an extra
    from pyarrow import parquet  # noqa: PLC0415 - an extra

    history = rows()
    names = list(history[0][1])
    table = "\n".join([",".join(["time", *names]), *(",".join([at, *map(str, values.values())]) for at, values in history), ""])
    lines = [{"recording": "canarypolicy/v1"}, *({"t": at, "signals": values} for at, values in history)]
    sink = io.BytesIO()
    columns = {"time": [at for at, _ in history], **{name: [values[name] for _, values in history] for name in names}}
    parquet.write_table(pa.table(columns), sink)
    return {
        "x.csv": table.encode(),
        "x.csv.gz": gzip.compress(table.encode()),
        "x.jsonl": "\n".join([*(json.dumps(line) for line in lines), ""]).encode(),
        "x.parquet": sink.getvalue(),
    }


def seconds(work: Callable[[], object]) -> float:
    """
    Give the seconds of processor time that some work takes.
    """
    started = process_time()
    work()
    return process_time() - started


def long_rollout(samples: int) -> Recording:
    """
    Make a rollout that never ends: too little traffic holds it, and every rule is watched all the time.
    """
    names = ("canary.requests", "canary.errors_5xx", "canary.error_rate_5xx", "canary.latency_p95", "app.log_errors")
    times = (format_instant(START_US + index * MINUTE_US) for index in range(samples))
    lines = [f"{at},100,0,0.001,0.2,{0.1 + index % 7 / 100}\n" for index, at in enumerate(times)]
    (recording,) = read_recordings(f"time,{','.join(names)}\n{''.join(lines)}".encode(), "long.csv")
    return recording


def main() -> None:
    """
    Print both tables.
    """
    print(f"reading {SAMPLES:,} samples of {SIGNALS} signals:")
    for path, data in files().items():
        took = seconds(lambda path=path, data=data: read_recordings(data, path))  # type: ignore[misc]  # bound in the loop
        print(f"  {path:<10} {took:5.2f} s, {took * 1e9 / SAMPLES / SIGNALS:4.0f} ns a cell, {len(data) / 2**20:5.1f} MiB")
    loaded = load_policy(POLICY.read_bytes(), POLICY.name)
    assert loaded.document is not None
    program = build(loaded.document)
    print(f"replaying with {POLICY.name}:")
    for samples in (1_000, 10_000):
        recording = long_rollout(samples)
        took = seconds(lambda recording=recording: replay(program, recording))  # type: ignore[misc]  # bound in the loop
        print(f"  {samples:>6,} samples {took:5.2f} s, {took * 1e6 / samples:4.0f} us a sample")


if __name__ == "__main__":
    main()
