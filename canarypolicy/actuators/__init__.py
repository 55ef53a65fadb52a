"""
Actuators: what gives the canary its share of the traffic, and reads it back.

One file a member, one line in the table; the protocol is `canarypolicy.live.protocols.Traffic`.
"""

from canarypolicy.actuators.argo_rollouts import ArgoRollouts
from canarypolicy.actuators.command import CommandTraffic
from canarypolicy.actuators.dry_run import DryRun
from canarypolicy.actuators.envoy import Envoy
from canarypolicy.actuators.gateway_api import GatewayApi
from canarypolicy.actuators.haproxy import Haproxy
from canarypolicy.actuators.nginx import Nginx
from canarypolicy.actuators.webhook import WebhookTraffic
from canarypolicy.kinds import with_plug_ins

ACTUATORS = with_plug_ins(
    "canarypolicy.actuators", ArgoRollouts, CommandTraffic, DryRun, Envoy, GatewayApi, Haproxy, Nginx, WebhookTraffic
)
