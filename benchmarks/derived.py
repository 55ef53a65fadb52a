"""
What a sample costs each derived function at windows of 100, 1,000 and 10,000 samples, relative to the first.

Run it with `python benchmarks/derived.py`; a ratio near 1 means that the cost does not grow with the window.
"""

from time import process_time

from canarypolicy.derived import DERIVED
from canarypolicy.derived.window import Input, Tick
from canarypolicy.documents.signals import SignalType

SECOND_US = 1_000_000
SIZES = (100, 1_000, 10_000)
MORE = {"quantile": {"q": 0.95}, "ratio": {"to": "b"}, "frozen": {"at": "start"}}


def cost_us(name: str, size: int) -> float:
    """
    Fold the window full, then time 2,000 samples more; microseconds a sample.
    """
    function = DERIVED[name]
    parameters = function.Parameters.model_validate({"of": "a", "over": f"{size}s", **MORE.get(name, {})})
    inputs = tuple(Input(type=SignalType.DOUBLE, range=(0, None)) for _ in function.inputs(parameters))
    state = function.begin(parameters, inputs)
    started = 0.0
    for index in range(size + 2_000):
        if index == size:
            started = process_time()
        tick = Tick(
            at_us=index * SECOND_US,
            previous_us=(index - 1) * SECOND_US if index else None,
            entered_us=None,
            entry_belongs=True,
            entries={},
            max_gap_us=3 * SECOND_US,
        )
        _, state = function.fold(state, tick, (float(index * 7919 % 1_000),) * len(inputs))
    return (process_time() - started) * 1e6 / 2_000


def main() -> None:
    """
    Print the table.
    """
    print("| function | us a sample, window of 100 | 1,000 | 10,000 |\n|---|---|---|---|")
    for name in DERIVED:
        costs = [cost_us(name, size) for size in SIZES]
        print(f"| {name} | {costs[0]:.1f} | x {costs[1] / costs[0]:.1f} | x {costs[2] / costs[0]:.1f} |")


if __name__ == "__main__":
    main()
