"""
How much faster the compiled reading is than the reference, measured side by side in one run.

Run it from the repository: `python benchmarks/cel.py`. Times are the best of several rounds, so that other work hurts less.
"""

from __future__ import annotations

import sys
from timeit import Timer

from canarypolicy.cel.checking import check_expression
from canarypolicy.cel.compiled import compile_tree
from canarypolicy.cel.expression import Expression
from canarypolicy.cel.interpreted import interpret_tree
from canarypolicy.cel.margin import margin_of
from canarypolicy.documents.signals import SignalType
from canarypolicy.documents.span import Embedded, SourceText

EXPRESSIONS = {
    "threshold": "canary.errors < 0.01",
    "ratio": "canary.latency <= baseline.latency * 1.2",
    "quotient": "canary.failed / canary.requests > 0.05",
    "two rules": "canary.errors >= 0.02 && baseline.errors < 0.02",
    "presence": "!has(canary.errors) || canary.errors < 0.01",
    "long rule": (
        "canary.errors < 0.01 && canary.latency <= baseline.latency * 1.2 && "
        "(canary.requests > 500.0 || rollout.step in ['canary-10', 'canary-50']) && !incident.data"
    ),
}
VALUES = {
    "canary.errors": 0.004,
    "baseline.errors": 0.003,
    "canary.latency": 0.21,
    "baseline.latency": 0.2,
    "canary.failed": 3.0,
    "canary.requests": 3000.0,
    "rollout.step": "canary-10",
    "incident.data": False,
}
TYPES = {float: SignalType.DOUBLE, str: SignalType.STRING, bool: SignalType.BOOL}
ROUNDS = 7


def main() -> None:
    """
    Print the table.
    """
    declared = {name: TYPES[type(value)] for name, value in VALUES.items()}
    lines = [f"{'expression':<12}{'compiled':>12}{'missing':>12}{'reference':>12}{'ratio':>8}{'compiling':>12}{'margin':>12}"]
    for name, text in EXPRESSIONS.items():
        expression = _checked(text, declared)
        reference = interpret_tree(expression.tree, expression.types)
        compiled_us = _microseconds(lambda expression=expression: expression.evaluate(VALUES), 20_000)
        missing_us = _microseconds(lambda expression=expression: expression.evaluate({}), 20_000)
        reference_us = _microseconds(lambda reference=reference: reference(VALUES), 100)
        compiling_us = _microseconds(lambda expression=expression: compile_tree(expression.tree, expression.types), 200)
        margin_us = _microseconds(lambda expression=expression: margin_of(expression, VALUES, good=True), 5_000)
        lines.append(
            f"{name:<12}{compiled_us:>9.2f} us{missing_us:>9.2f} us{reference_us:>9.1f} us"
            f"{reference_us / compiled_us:>8.0f}{compiling_us:>9.0f} us{margin_us:>9.2f} us"
        )
    sys.stdout.write("\n".join(lines) + "\n")


def _checked(text: str, declared: dict[str, SignalType]) -> Expression:
    source = SourceText(path="benchmark", text=text)
    place = Embedded(text=text, span=source.span(0, len(text)), offsets=tuple(range(len(text) + 1)))
    expression, faults = check_expression(place, declared)
    assert expression is not None, faults
    return expression


def _microseconds(call: object, number: int) -> float:
    assert callable(call)
    return min(Timer(call).repeat(repeat=ROUNDS, number=number)) / number * 1e6


if __name__ == "__main__":
    main()
