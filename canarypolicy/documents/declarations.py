"""
What a policy declares: type and range of every signal, and derived signals in the order in which they can be computed.

Works on the data as it is written, so that expressions can be checked although something else in the policy is wrong.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter, ValidationError

from canarypolicy.derived import DERIVED
from canarypolicy.derived.window import Input
from canarypolicy.documents.finding import Finding
from canarypolicy.documents.policy import DerivedSignal
from canarypolicy.documents.signals import BUILT_IN_SIGNALS, Signal, SignalType
from canarypolicy.documents.wording import code, suggestion

if TYPE_CHECKING:
    from canarypolicy.documents.checked import Path
    from canarypolicy.documents.yaml_tree import Tree

_ANY = Input(type=SignalType.DOUBLE, range=(None, None))
"""What is taken for a signal whose declaration is wrong, so that its own fault is the only one told."""
_BUILT_IN_RANGES = {"rollout.weight": (0.0, 100.0), "rollout.step": (None, None)}
_TO_DERIVED: TypeAdapter[DerivedSignal] = TypeAdapter(DerivedSignal)


@dataclass(frozen=True, slots=True, kw_only=True)
class Declarations:
    """
    All that an expression may read.
    """

    inputs: Mapping[str, Input]
    derived_order: tuple[str, ...]
    """Derived signals so that each comes after those it reads; those in a circle are left out."""
    findings: tuple[Finding, ...]

    @property
    def types(self) -> dict[str, SignalType]:
        return {name: declared.type for name, declared in self.inputs.items()}


def declarations(tree: Tree) -> Declarations:
    """
    Read the declarations of a document; wrong ones are left to the models, wrong references are found here.
    """
    collected = _Collected(tree=tree)
    for name, written in _mapping(tree.data, "signals").items():
        collected.inputs[name] = _measured(written)
    for name, written in _mapping(tree.data, "derived").items():
        try:
            collected.derived[name] = _TO_DERIVED.validate_python(written)
        except ValidationError:
            collected.inputs.setdefault(name, _ANY)
    order = tuple(collected.in_order())
    for name in order:
        collected.inputs.setdefault(name, collected.result_of(name))
    for name, type_ in BUILT_IN_SIGNALS.items():
        collected.inputs[name] = Input(type=type_, range=_BUILT_IN_RANGES.get(name, (0.0, None)))
    return Declarations(inputs=collected.inputs, derived_order=order, findings=tuple(collected.findings))


def _mapping(data: Any, key: str) -> Mapping[str, Any]:
    written = data.get(key)
    return written if isinstance(written, dict) else {}


def _measured(written: Any) -> Input:
    try:
        signal = Signal.model_validate(written)
    except ValidationError:
        type_ = written.get("type") if isinstance(written, dict) else None
        known = next((each for each in SignalType if each.value == type_), SignalType.DOUBLE)
        return Input(type=known, range=(None, None))
    return Input(type=signal.type, range=signal.range)


@dataclass(slots=True, kw_only=True)
class _Collected:
    """
    The declarations while they are read.
    """

    tree: Tree
    inputs: dict[str, Input] = field(default_factory=dict)
    derived: dict[str, DerivedSignal] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def in_order(self) -> list[str]:
        """
        Give the derived signals so that each comes after those it reads; circles are found and left out.
        """
        reads = {name: tuple(each for each in self.reads(name) if each in self.derived) for name in self.derived}
        while True:
            try:
                return [name for name in TopologicalSorter(reads).static_order() if name in self.derived]
            except CycleError as error:
                circle = list(reversed(error.args[1]))
                self._report_circle(circle)
                for name in set(circle):
                    del reads[name]
                    self.inputs.setdefault(name, _ANY)
                reads = {name: tuple(each for each in below if each in reads) for name, below in reads.items()}

    def reads(self, name: str) -> tuple[str, ...]:
        """
        Name the signals that a derived signal reads.
        """
        signal = self.derived[name]
        return DERIVED[signal.name].inputs(signal.parameters)

    def result_of(self, name: str) -> Input:
        """
        Give the type and range of a derived signal whose inputs are known by now.
        """
        signal = self.derived[name]
        reads = self.reads(name)
        unknown = [each for each in reads if each not in self.inputs]
        for each in dict.fromkeys(unknown):
            self._report_unknown(name, each)
        if unknown:
            return _ANY
        try:
            return DERIVED[signal.name].result(signal.parameters, tuple(self.inputs[each] for each in reads))
        except ValueError as error:
            place = self.tree.at(self._place_of(name, reads[0]))
            self.findings.append(Finding(name="wrong-type", message=str(error), span=place))
            return _ANY

    def _report_unknown(self, name: str, read: str) -> None:
        known = [each for each in (*self.inputs, *self.derived) if each != name]
        if read in BUILT_IN_SIGNALS:
            message = f"{code(read)} is built in: a derived signal reads measured and derived ones only"
        else:
            message = f"signal {code(read)} is not declared"
        span = self.tree.at(self._place_of(name, read))
        way_out = suggestion(read, known, "declared")
        self.findings.append(Finding(name="undeclared-signal", message=message, span=span, help=way_out))

    def _report_circle(self, circle: list[str]) -> None:
        first = min(range(len(circle) - 1), key=lambda index: self.tree.key(("derived", circle[index])).start)
        turned = [*circle[first:-1], *circle[:first], circle[first]]
        shown = " -> ".join(code(name) for name in turned)
        message = f"derived signals read one another in a circle: {shown}"
        self.findings.append(Finding(name="cyclic-derived", message=message, span=self.tree.key(("derived", turned[0]))))

    def _place_of(self, name: str, read: str) -> Path:
        """
        Find the parameter in which a derived signal names one that it reads.
        """
        function = self.derived[name].name
        written = self.tree.data["derived"][name][function]
        key = next((key for key, value in written.items() if value == read), None)
        return ("derived", name, function) if key is None else ("derived", name, function, key)
