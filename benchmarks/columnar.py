"""
Replay in columns: what rules and whole replays cost, against streaming the columns, celpy, DuckDB and the scalar fold.

Run it with `python benchmarks/columnar.py`; it makes its data itself. Every ratio is taken side by side in this one run, in
processor time, the best of several rounds. `--quick` takes a tenth of the rows.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from time import process_time
from typing import Any

import numpy as np
from canarypolicy.cel.columns import Column
from canarypolicy.cel.interpreted import interpret_tree
from canarypolicy.documents.loading import load_policy
from canarypolicy.documents.signals import SignalType
from canarypolicy.engine.program import Program, build
from canarypolicy.engine.sample import RawSample
from canarypolicy.history.columnar_parquet import batches_of
from canarypolicy.history.columnar_replay import ColumnarReplay, Samples
from canarypolicy.history.recording import Recording
from canarypolicy.history.replay import replay

SIGNALS = tuple(f"s{index}.value" for index in range(12))
MASKED = 5
SAMPLES = 225
EVERY_US = 30_000_000
START_US = 1_767_225_600_000_000
DERIVED = {
    "s0.mean": {"mean": {"of": "s0.value", "over": "10m"}},
    "s1.share": {"ratio": {"of": "s1.value", "to": "s2.value", "over": "10m"}},
    "s3.worst": {"max": {"of": "s3.value", "over": "10m"}},
}
ROLLBACKS = (
    "s0.value >= 0.98", "s0.value >= 0.9 && s1.value < 0.02", "s2.value > s3.value * 9.5", "s4.value > s5.value * 9.9",
    "s5.value / s4.value > 50.0", "s6.value >= 0.99 || s7.value >= 0.999", "s8.value + s9.value > 1.97",
    "s9.value - s10.value > 0.97", "s11.value >= 0.995", "s10.value >= 0.98 && s5.value < 0.5", "s0.mean > 0.9",
    "s3.worst > 2.0", "s1.value >= 0.99 && s8.value > 0.5",
)  # fmt: skip
SLOS = ("s6.value < 0.9", "s7.value < 0.9", "s1.share < 9.0", "s2.value <= s3.value * 9.0 || s2.value < 0.9")
HOLDS = ("s4.value < 0.001", "!has(s0.value) && s1.value < 0.0005", "s11.value < 0.0004")


def program_of(rules: int = 20, *, derived: bool = True, loose: bool = False) -> Program:
    """
    Make a policy of so many rules, each with `for`.
    """
    names = ("for", "2m")

    def written(kind: str, texts: tuple[str, ...], count: int) -> list[dict[str, Any]]:
        key = "require" if kind == "slo" else "when"
        found = []
        for index in range(count):
            text = texts[index % len(texts)]
            if not derived and any(name in text for name in DERIVED):
                text = texts[0]
            extra = f" && s{index % 12}.value > {index / 1e6}" if index >= len(texts) else ""
            found.append({"name": f"{kind}-{index}", key: text + extra, names[0]: "1m" if loose else names[1]})
        return found

    slos = max(rules // 5, 1)
    holds = max(rules * 3 // 20, 1)
    document = {
        "apiVersion": "canarypolicy/v1",
        "kind": "RolloutPolicy",
        "metadata": {"name": "benchmark"},
        "signals": {name: {"unit": "ratio", "range": [0, 1], "healthy": 0.5} for name in SIGNALS},
        "derived": DERIVED if derived else {},
        "slos": written("slo", SLOS, slos),
        "rollback": written("rollback", ROLLBACKS, rules - slos - holds),
        "hold": written("hold", HOLDS, holds),
        "plan": {
            "every": "30s",
            "steps": [
                {"name": "canary-10", "weight": 10, "min": "20m", "max": "40m"},
                {"name": "canary-50", "weight": 50, "min": "30m"},
                {"name": "full", "weight": 100, "min": "20m"},
            ],
        },
    }
    loaded = load_policy(json.dumps(document).encode(), "benchmark.yaml")
    assert loaded.document is not None, loaded.findings
    return build(loaded.document)


def cpu(work: Callable[[], object], rounds: int = 5) -> float:
    """
    Give the least processor time of several rounds.
    """
    best = float("inf")
    for _ in range(rounds):
        started = process_time()
        work()
        best = min(best, process_time() - started)
    return best


def table(rollouts: int, seed: int = 1) -> tuple[np.ndarray, dict[str, np.ndarray], dict[str, np.ndarray]]:
    """
    Make times, values, and where the first five signals are there.

    Like metrics: a level for each rollout, noise around it, and in every tenth rollout ten minutes of trouble.
    """
    rng = np.random.default_rng(seed)
    rows = rollouts * SAMPLES
    times = START_US + np.tile(np.arange(SAMPLES) * EVERY_US, rollouts)
    values = {}
    for index, name in enumerate(SIGNALS):
        level = np.repeat(0.2 + rng.random(rollouts) * 0.5, SAMPLES) + rng.random(rows) * 0.05
        whole = level.reshape(rollouts, SAMPLES)
        whole[index :: 10 * len(SIGNALS), 100:120] = 0.999
        values[name] = level
    return times, values, {name: rng.random(rows) < 0.99 for name in SIGNALS[:MASKED]}


def samples_of(rollouts: int, seed: int = 1) -> Samples:
    """
    Make the columns of so many rollouts.
    """
    times, values, known = table(rollouts, seed)
    firsts = np.arange(rollouts) * SAMPLES
    columns = {name: Column(type=SignalType.DOUBLE, values=values[name], known=known.get(name)) for name in SIGNALS}
    return Samples(times_us=times, firsts=firsts, started_us=times[firsts], columns=columns)


def rules_alone(rollouts: int) -> float:
    """
    Print what 20 rules cost without time: against one pass over the columns, celpy and DuckDB.
    """
    program = program_of(derived=False)
    ready = ColumnarReplay(program)
    samples = samples_of(rollouts)
    rows = len(samples.times_us)
    counts: list[int] = []

    def evaluate() -> None:
        counts[:] = [0] * 20
        for part in ready.plan.chunks(rows):
            for place, (true, _) in enumerate(ready.plan.run(samples.columns, part)[:20]):
                counts[place] += int(np.count_nonzero(true))

    def evaluate_only() -> None:
        for part in ready.plan.chunks(rows):
            ready.plan.run(samples.columns, part)

    streaming = cpu(lambda: [np.sum(samples.columns[name].values) for name in SIGNALS])
    ours = cpu(evaluate_only)
    evaluate()
    expressions = [rule.when for rule in (*program.watches, *program.slos)]
    references = [interpret_tree(each.tree, each.types) for each in expressions]
    some = [{name: float(samples.columns[name].values[row]) for name in SIGNALS} for row in range(300)]
    celpy = cpu(lambda: [reference(row) for row in some for reference in references], 1) * rows / len(some)
    print(f"rules alone, {rows:,} rows x 20 rules: {ours * 1e3:.1f} ms CPU, {ours / rows / 20 * 1e9:.2f} ns a rule and row")
    print(f"  streaming the 12 columns once with np.sum: {streaming * 1e3:.1f} ms; rules take {ours / streaming:.1f} times that")
    print(f"  celpy, extrapolated from 300 rows: {celpy:,.0f} s, {celpy / ours:,.0f} times")
    duckdb(program, samples, ours, counts)
    return ours


def duckdb(program: Program, samples: Samples, ours: float, counts: list[int]) -> None:
    """
    Count where each rule is true in SQL, one thread; a column is NULL where it is missing.
    """
    try:
        import duckdb  # noqa: PLC0415 - a benchmark's own dependency
        import pyarrow as pa  # noqa: PLC0415 - an extra
    except ImportError:
        print("  duckdb is not installed: `pip install duckdb` for the comparison")
        return
    columns = {}
    for index, name in enumerate(SIGNALS):
        known = samples.columns[name].known
        columns[f"s{index}"] = pa.array(samples.columns[name].values, mask=None if known is None else ~known)
    connection = duckdb.connect()
    connection.execute("set threads = 1")
    connection.register("arrow", pa.table(columns))
    connection.execute("create table rows as select * from arrow")
    # NaN-safe: a quotient that is not finite is NULL, as it is unknown here.
    texts = []
    for rule in (*program.watches, *program.slos):
        text = rule.when.text.replace(".value", "").replace("&&", "and").replace("||", "or").replace("!has(s0)", "s0 is null")
        text = text.replace("s5 / s4", "(case when isfinite(s5 / s4) then s5 / s4 end)")
        texts.append(f"count(*) filter (where {text}), count(*) filter (where not ({text}))")
    query = f"select {', '.join(texts)} from rows"  # noqa: S608 - our own text
    found = connection.execute(query).fetchone()
    assert found is not None
    assert list(found[::2]) == counts, (found[::2], counts)
    theirs = cpu(lambda: connection.execute(query).fetchall(), 3)
    print(f"  DuckDB {duckdb.__version__}, one thread, the same counts: {theirs * 1e3:.0f} ms, {theirs / ours:.1f} times")


def write_parquet(path: Path, rollouts: int) -> None:
    """
    Write a table as a lake has it: rollouts one after the other.
    """
    import pyarrow as pa  # noqa: PLC0415 - an extra
    from pyarrow import parquet  # noqa: PLC0415 - an extra

    times, values, known = table(rollouts)
    names = pa.DictionaryArray.from_arrays(
        np.repeat(np.arange(rollouts, dtype=np.int32), SAMPLES), [f"r{index}" for index in range(rollouts)]
    )
    columns: dict[str, Any] = {"time": pa.array(times, pa.timestamp("us")), "rollout": names}
    for name in SIGNALS:
        columns[name] = pa.array(values[name], mask=~known[name] if name in known else None)
    parquet.write_table(pa.table(columns), path, row_group_size=1 << 18, use_dictionary=["rollout"])


def whole_replay(rollouts: int, alone: float) -> None:
    """
    Print what a replay costs from Parquet to outcomes and changes.
    """
    program, other = program_of(), program_of(loose=True)
    one, two = ColumnarReplay(program), ColumnarReplay(other)
    rows = rollouts * SAMPLES
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "lake.parquet"
        write_parquet(path, rollouts)
        outcomes: list[str] = []
        changes = 0

        def play() -> None:
            nonlocal changes
            outcomes.clear()
            changes = 0
            for batch in batches_of(str(path), one):
                replayed = one.replay(batch.samples)
                outcomes.extend(outcome.value for outcome in replayed.outcomes)
                changes += len(replayed.changes.rows)

        def both() -> None:
            for batch in batches_of(str(path), one):
                one.replay(batch.samples)
                two.replay(batch.samples)

        def read() -> None:
            for _ in batches_of(str(path), one):
                pass

        reading, whole, compared = cpu(read, 3), cpu(play, 3), cpu(both, 3)
    few = 20
    samples = samples_of(few)
    recordings = [recording_of(samples, index) for index in range(few)]
    scalar = cpu(lambda: [replay(program, each) for each in recordings], 1) * rollouts / few
    tally = {name: outcomes.count(name) for name in sorted(set(outcomes))}
    print(f"whole replay, {rollouts:,} rollouts x {SAMPLES} samples, 20 rules with `for`, 3 derived signals, Parquet in:")
    print(f"  {whole * 1e3:.0f} ms CPU ({reading * 1e3:.0f} ms of it reading), {changes:,} changes, outcomes {tally}")
    print(f"  {whole / alone:.1f} times the rules alone; {rows / whole / 1e6:.1f} M samples a second")
    print(f"  the scalar fold, extrapolated from {few} rollouts: {scalar:.0f} s, {scalar / whole:.0f} times")
    print(f"  two rule sets: {compared * 1e3:.0f} ms, {compared / whole:.2f} times one")


def recording_of(samples: Samples, rollout: int) -> Recording:
    """
    Give one rollout of the columns as a recording.
    """
    items = []
    for row in range(rollout * SAMPLES, (rollout + 1) * SAMPLES):
        signals = {
            name: float(column.values[row])
            for name, column in samples.columns.items()
            if column.known is None or column.known[row]
        }
        items.append(RawSample(at_us=int(samples.times_us[row]), signals=signals))
    return Recording(rollout=f"r{rollout}", source="benchmark", items=tuple(items))


def generated(rows: int, at_once: int = 1_000) -> Iterator[Samples]:
    """
    Make so many rows in pieces; each differs in its first rows only, so that making them costs little.
    """
    piece = samples_of(at_once)
    for number in range(-(-rows // (at_once * SAMPLES))):
        for name in SIGNALS:
            piece.columns[name].values[:SAMPLES] = np.random.default_rng(number).random(SAMPLES)
        piece.found.clear()
        yield piece


def one_size(rows: int, rules: int) -> None:
    """
    Print rows, CPU and peak memory of one size: run in a process of its own, for the peak is the process's.
    """
    ready = ColumnarReplay(program_of(rules, derived=rules == 20))
    started = process_time()
    done = 0
    for samples in generated(rows, min(300, max(rows // SAMPLES, 1))):
        ready.replay(samples)
        done += len(samples.times_us)
    took = process_time() - started
    print(f"| {done:,} | {rules} | {took:.2f} s | {took / done * 1e9:.0f} ns | {peak_mib():.0f} MiB |")


def peak_mib() -> float:
    """
    Give the most memory that this process has had; what is counted elsewhere includes the process that started it.
    """
    status = Path("/proc/self/status")
    if status.exists():
        return int(next(line for line in status.read_text().splitlines() if line.startswith("VmHWM")).split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def growth(sizes: tuple[tuple[int, int], ...]) -> None:
    """
    Print the table of growth.
    """
    print("| rows | rules | CPU | a row | peak memory |\n|---|---|---|---|---|", flush=True)
    for rows, rules in sizes:
        subprocess.run([sys.executable, __file__, "--size", str(rows), str(rules)], check=True)


def main() -> None:
    """
    Print all tables.
    """
    if sys.argv[1:2] == ["--size"]:
        one_size(int(sys.argv[2]), int(sys.argv[3]))
        return
    quick = "--quick" in sys.argv
    rollouts = 900 if quick else 9_000
    alone = rules_alone(rollouts)
    whole_replay(rollouts, alone)
    most = 1_000_000 if quick else 100_000_000
    sizes = [(rows, 20) for rows in (100_000, 1_000_000, 10_000_000, 100_000_000) if rows <= most]
    growth((*sizes, *((1_000_000, rules) for rules in (5, 100, 200))))


if __name__ == "__main__":
    main()
