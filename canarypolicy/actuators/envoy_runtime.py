"""
Envoy's runtime: a key that a route's `runtime_fraction` reads.

Envoy takes any text for a value and answers 200, so the range is checked before and the value after. The fraction's
denominator, and what holds while the key is not set, stand in the route, and are read there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from canarypolicy.actuators.envoy_admin import mappings_in
from canarypolicy.live.protocols import NotDone

if TYPE_CHECKING:
    from canarypolicy.actuators.envoy_admin import Admin

_DENOMINATORS = {"HUNDRED": 100, "TEN_THOUSAND": 10_000, "MILLION": 1_000_000}
_DUMPS = ("static_route_configs", "dynamic_route_configs")


@dataclass(frozen=True, slots=True)
class Fraction:
    """
    What a route says of its runtime fraction.
    """

    numerator: int
    """In force while the key is not set."""
    denominator: int


@dataclass(frozen=True, slots=True)
class RuntimeSplit:
    """
    The split by one key.
    """

    key: str

    def set(self, admin: Admin, weight: float) -> None:
        """
        Set the key and see that Envoy has it.
        """
        wanted = _numerator(weight, self._fraction(admin).denominator)
        admin.post(f"/runtime_modify?{quote(self.key)}={wanted}")
        found = self._value(admin)
        if found != str(wanted):
            raise NotDone(f"the runtime key `{self.key}` was set to {wanted}, and Envoy has {_shown(admin, found)}")

    def read_back(self, admin: Admin) -> float:
        """
        Give the percent by the key's final value or, where it is not set, by the route's own.
        """
        fraction = self._fraction(admin)
        value = self._value(admin)
        if value is None:
            return 100 * min(fraction.numerator, fraction.denominator) / fraction.denominator
        if not value.isascii() or not value.isdigit():
            raise NotDone(f"the runtime key `{self.key}` is a whole number, found {_shown(admin, value)}")
        return 100 * min(int(value), fraction.denominator) / fraction.denominator

    def _value(self, admin: Admin) -> str | None:
        runtime = admin.get("/runtime?format=json")
        entries = runtime.get("entries") if isinstance(runtime, dict) else None
        if not isinstance(entries, dict):
            raise NotDone("Envoy's runtime has no `entries`")
        entry = entries.get(self.key)
        return None if entry is None else str(entry.get("final_value"))

    def _fraction(self, admin: Admin) -> Fraction:
        """
        Find the key in the routes that Envoy has.
        """
        found = {
            _fraction_of(each.get("default_value", {}))
            for dump in _DUMPS
            for each in mappings_in(admin.get(f"/config_dump?resource={dump}"))
            if each.get("runtime_key") == self.key and "default_value" in each
        }
        if not found:
            raise NotDone(f"no route of this Envoy has a `runtime_fraction` that reads `{self.key}`")
        if len(found) > 1:
            raise NotDone(f"the routes that read `{self.key}` have different values of their own")
        return found.pop()


def _fraction_of(value: Any) -> Fraction:
    try:  # a zero and the first denominator are left out of the JSON
        return Fraction(int(value.get("numerator", 0)), _DENOMINATORS[value.get("denominator", "HUNDRED")])
    except (AttributeError, KeyError, TypeError, ValueError):
        raise NotDone("a `runtime_fraction` of Envoy is not of the form that is known") from None


def _numerator(weight: float, denominator: int) -> int:
    """
    Give the nearest numerator; only 0 and 100 percent are nothing and all.
    """
    if weight in (0, 100):
        return round(weight / 100) * denominator
    return min(denominator - 1, max(1, round(weight * denominator / 100)))


def _shown(admin: Admin, value: str | None) -> str:
    return "no such key" if value is None else f"`{admin.keeper.shown(value)}`"
