"""
Traffic that Argo Rollouts moves: a Rollout is promoted from pause to pause, and aborted at a rollback.

```yaml
actuators:
  traffic: {argo_rollouts: {in_cluster: true, namespace: shop, rollout: shop}}
```

The Rollout has the canary strategy, and after each `setWeight` a `pause: {}` without a duration: the policy decides when it
goes on. The policy's steps have the same weights; 100 may be a step of the Rollout or its end. A weight is set by lifting the
pause, as `promote` does, until the Rollout is there, and 0 by `abort`; it cannot go back to any other weight. A pause is lifted
in the version that was read and in no other, so that no step is skipped. A paused analysis or experiment is not skipped either.

What is read back is what the controller says: the weights of its traffic router or, without one, the last `setWeight` that it
has carried out. A status that is older than the Rollout is not believed. `get` on `rollouts`, and `patch` on `rollouts` and
`rollouts/status`, are all that it needs. This has been tested against a fake of the API only; no controller was ever run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from canarypolicy.actuators.argo_status import RolloutStatus
from canarypolicy.actuators.cluster_api import ClusterApi, Patch
from canarypolicy.actuators.percent import percent_of, written_weight
from canarypolicy.documents.cluster_parameters import ArgoRolloutsParameters
from canarypolicy.documents.keeper import Keeper
from canarypolicy.live.protocols import NotDone

if TYPE_CHECKING:
    from canarypolicy.documents.secrets import World


class ArgoRollouts:
    """
    One Rollout.
    """

    name: ClassVar[str] = "argo_rollouts"
    Parameters = ArgoRolloutsParameters

    def __init__(self, label: str, parameters: ArgoRolloutsParameters, world: World) -> None:
        self._keeper = Keeper(f"actuator `{label}`", world)
        self._api = ClusterApi(self._keeper, parameters, "argoproj.io/v1alpha1/rollouts", parameters.rollout)

    def set(self, weight: float) -> None:
        """
        Abort for 0; otherwise lift the pause that the Rollout stands at, if it is not yet on its way to the weight.
        """
        self._api.change(self._abort if weight == 0 else lambda rollout: self._promote(rollout, weight))

    def read_back(self) -> float:
        """
        Give the canary's percent as the controller tells it.
        """
        status = self._status(self._api.read())
        if status.is_outdated:
            raise NotDone(f"{self._api.place}: the controller has not seen its newest version")
        weight = status.reached
        if weight is None:
            raise NotDone(f"{self._api.place}: the traffic router has not confirmed the weight")
        return percent_of(weight, self._keeper.place)

    def _status(self, rollout: dict[str, Any]) -> RolloutStatus:
        status = RolloutStatus.of(rollout)
        if status is None:
            raise NotDone(f"{self._api.place} has no canary strategy with steps, or no status")
        return status

    def _abort(self, rollout: dict[str, Any]) -> Patch | None:
        status = self._status(rollout)
        if status.is_aborted or (status.is_paused and status.aimed == 0 and status.reached == 0):
            return None
        if status.is_all_new:
            raise NotDone(f"{self._api.place}: nothing to abort, the new version is the stable one already")
        return Patch(operations=[{"op": "add", "path": "/status/abort", "value": True}], subresource="status")

    def _promote(self, rollout: dict[str, Any], weight: float) -> Patch | None:
        status = self._status(rollout)
        self._check(status, weight)
        if status.is_all_new or (status.aimed == weight and (status.reached == weight or not status.is_paused_by_hand)):
            return None
        if status.is_paused_by_hand:
            return Patch(operations=[{"op": "add", "path": "/spec/paused", "value": False}])
        if status.is_paused:
            return Patch(operations=[{"op": "remove", "path": "/status/pauseConditions"}], subresource="status")
        return None  # on its way to the next pause

    def _check(self, status: RolloutStatus, weight: float) -> None:
        """
        Refuse a weight that the Rollout cannot come to.
        """
        shown = written_weight(weight)
        if status.is_aborted:
            raise NotDone(f"{self._api.place} was aborted: it goes on when its `spec.template` is changed, or by `retry`")
        if status.is_all_new:
            if weight != 100:
                raise NotDone(f"{self._api.place}: nothing is being rolled out, so {shown} % cannot be set")
            return
        if status.aimed > weight:
            now = written_weight(status.aimed)
            raise NotDone(f"{self._api.place} is at {now} % and cannot go back to {shown} % but by an abort")
        if weight not in (status.aimed, *status.ahead):
            ahead = ", ".join(written_weight(each) for each in status.ahead)
            raise NotDone(f"{self._api.place} has no step of {shown} %, those ahead are {ahead}")
