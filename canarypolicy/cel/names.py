"""
The names that an expression can read: declared signals, a probe's result, and the variables of macros.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from canarypolicy.cel import wording
from canarypolicy.cel.types import RESULT_ROOT, CelType, Record

if TYPE_CHECKING:
    from canarypolicy.cel.fault import Fault
    from canarypolicy.cel.tree import Has, Macro, Signal


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """
    What is declared around an expression or the body of a macro.
    """

    declared: Mapping[str, CelType]
    values: Mapping[str, tuple[str, ...]]
    """The values that a string signal may have."""
    variables: Mapping[str, CelType] = field(default_factory=dict)

    def with_variable(self, name: str, type_: CelType) -> Scope:
        """
        Give the scope of a macro's body.
        """
        return replace(self, variables={**self.variables, name: type_})

    def type_of(self, node: Signal) -> CelType | Fault:
        """
        Give the type of a name, or the fault that it is not known.
        """
        root, _, field_name = node.name.partition(".")
        variable = self.variables.get(root)
        if variable is not None:
            return _of_variable(node, variable, field_name)
        declared = self.declared.get(node.name)
        return self._undeclared(node.name, node.span) if declared is None else declared

    def fault_of_has(self, node: Has) -> Fault | None:
        """
        Give the fault in what `has` is asked of, if there is one.
        """
        if node.name.partition(".")[0] in self.variables:
            return wording.has_of_variable(node.name, node.name_span)
        return None if node.name in self.declared else self._undeclared(node.name, node.name_span)

    def hides(self, node: Macro) -> bool:
        """
        Tell whether a macro's variable has the name, or the first part of the name, of something that is known.
        """
        roots = {name.partition(".")[0] for name in self.declared}
        return node.variable in roots or node.variable in self.variables

    def _undeclared(self, name: str, span: tuple[int, int]) -> Fault:
        is_result = name.partition(".")[0] == RESULT_ROOT and not any(
            each.startswith(f"{RESULT_ROOT}.") for each in self.declared
        )
        return wording.undeclared(name, span, self.declared, is_result=is_result)


def _of_variable(node: Signal, variable: CelType, field_name: str) -> CelType | Fault:
    if not field_name:
        return variable
    fields = dict(variable.fields) if isinstance(variable, Record) else {}
    if field_name in fields:
        return fields[field_name]
    root = node.name.partition(".")[0]
    return wording.no_such_field(node.name, node.span, variable, [f"{root}.{each}" for each in fields])
