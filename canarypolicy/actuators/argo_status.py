"""
What a Rollout of Argo Rollouts says about itself.

Nothing is asked here. The meaning of the fields is that of the published reference of the controller, version 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from canarypolicy.actuators.cluster_api import items_of, mapping_of


@dataclass(frozen=True, slots=True, kw_only=True)
class RolloutStatus:
    """
    Where a Rollout stands; weights are percents of the traffic.
    """

    is_aborted: bool
    is_all_new: bool
    """Whether the version of its `spec.template` is the stable one: rolled out, or not yet changed."""
    is_paused: bool
    """Whether it waits at a pause of its own."""
    is_paused_by_hand: bool
    """Whether somebody stopped it by `spec.paused`."""
    is_outdated: bool
    """Whether the status is older than what is asked for in the spec."""
    aimed: float
    """The weight that it has or is on its way to."""
    ahead: tuple[float, ...]
    """The weights that are yet to come; 100 is the last."""
    reached: float | None
    """The weight that the controller has carried out; None: it cannot tell yet."""

    @classmethod
    def of(cls, rollout: dict[str, Any]) -> RolloutStatus | None:
        """
        Read a Rollout; None if it has no canary strategy with steps, or no status.
        """
        canary, status = mapping_of(rollout, "spec", "strategy", "canary"), mapping_of(rollout, "status")
        steps = items_of(canary.get("steps"))
        if not steps or not status:
            return None
        unit = mapping_of(canary, "trafficRouting").get("maxTrafficWeight") or 100
        weights = [100 * step["setWeight"] / unit if isinstance(step.get("setWeight"), int) else None for step in steps]
        index = status.get("currentStepIndex")
        at = index if isinstance(index, int) else 0
        is_aborted = status.get("abort") is True
        is_all_new = status.get("currentPodHash") == status.get("stableRS")
        is_finishing = status.get("promoteFull") is True or at >= len(steps)
        paused = rollout["spec"].get("paused") is True
        return cls(
            is_aborted=is_aborted,
            is_all_new=is_all_new and not is_aborted,
            is_paused=bool(items_of(status.get("pauseConditions"))),
            is_paused_by_hand=paused,
            is_outdated=_is_outdated(rollout, status),
            aimed=0.0 if is_aborted else 100.0 if is_finishing else _last(weights[: at + 1]),
            ahead=(*(each for each in weights[at + 1 :] if each is not None), 100.0),
            reached=_reached(status, weights[:at], unit, is_all_new=is_all_new and not is_aborted),
        )


def _reached(status: dict[str, Any], done: list[float | None], unit: int, *, is_all_new: bool) -> float | None:
    if is_all_new:
        return 100.0
    routed = mapping_of(status, "canary", "weights")
    if routed:
        weight = mapping_of(routed, "canary").get("weight", 0)
        is_known = isinstance(weight, int) and routed.get("verified") is not False
        return 100 * weight / unit if is_known else None
    if status.get("abort") is True:
        # Without a router traffic follows the pods: it is back when none of the new version is left.
        return 0.0 if not status.get("updatedReplicas") else None
    return _last(done)


def _last(weights: list[float | None]) -> float:
    return next((each for each in reversed(weights) if each is not None), 0.0)


def _is_outdated(rollout: dict[str, Any], status: dict[str, Any]) -> bool:
    seen, newest = status.get("observedGeneration"), rollout["metadata"].get("generation")
    return isinstance(seen, str) and seen.isdecimal() and isinstance(newest, int) and int(seen) < newest
