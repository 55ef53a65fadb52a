"""
Booleans over few values: the reference is asked for each of them, and the answers become a term.

So `zone.matches('^eu-')` over a string signal's declared values needs no theory of texts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product
from typing import TYPE_CHECKING, Any, Final

from canarypolicy.cel import terms
from canarypolicy.cel.encoding import Encoding
from canarypolicy.cel.interval import Choices
from canarypolicy.cel.lowered import Truth, Variable, possible_texts
from canarypolicy.cel.terms import Term, all_of, any_of, negated
from canarypolicy.documents.signal_type import SignalType

if TYPE_CHECKING:
    from canarypolicy.cel.tree import Node

_MOST: Final = 256
"""More combinations of values than this are not tried."""
_MISSING: Final = None


def tabulate(encoding: Encoding, node: Node, reads: Mapping[str, Variable]) -> Truth | None:
    """
    Give the truth of a boolean that reads only bools and declared texts; None if it reads more, or too many of them.
    """
    choices: list[list[Any]] = []
    count = 1
    for variable in reads.values():
        if variable.type is SignalType.BOOL:
            choices.append([_MISSING, False, True])
        elif variable.type is SignalType.STRING and isinstance(variable.possible, Choices):
            choices.append([_MISSING, *possible_texts(variable.possible)])
        else:
            return None
        count *= len(choices[-1])
    if count > _MOST:
        return None
    rows = list(_rows(encoding, node, reads, choices))
    return Truth(
        yes=any_of(case for case, outcome in rows if outcome is True),
        no=any_of(case for case, outcome in rows if outcome is False),
    )


def _rows(encoding: Encoding, node: Node, reads: Mapping[str, Variable], choices: list[list[Any]]) -> Iterator[tuple[Term, Any]]:
    from canarypolicy.cel.interpreted import interpret_tree  # noqa: PLC0415 - celpy's evaluator, for what has no terms

    evaluate = interpret_tree(node, {name: variable.type for name, variable in reads.items()})
    for row in product(*choices):
        given = dict(zip(reads, row, strict=True))
        case = all_of(_is(encoding, reads[name], value) for name, value in given.items())
        yield case, evaluate({name: value for name, value in given.items() if value is not _MISSING})


def _is(encoding: Encoding, variable: Variable, value: Any) -> Term:
    if value is _MISSING:
        return negated(variable.present)
    if isinstance(value, bool):
        return all_of((variable.present, variable.value if value else negated(variable.value)))
    return all_of((variable.present, variable.value == terms.number(encoding.code_of(value))))
