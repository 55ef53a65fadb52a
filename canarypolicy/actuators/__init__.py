"""
Actuators: what gives the canary its share of the traffic, and reads it back.

One file a member, one line in the table; the protocol is `canarypolicy.live.protocols.Traffic`.
"""

from canarypolicy.actuators.dry_run import DryRun
from canarypolicy.actuators.haproxy import Haproxy
from canarypolicy.kinds import by_name, plug_ins

ACTUATORS = by_name(DryRun, Haproxy, *plug_ins("canarypolicy.actuators").values())
