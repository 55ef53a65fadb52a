"""
Probes: one look at whether something works.

One file a member, one line in the table; the protocol is `canarypolicy.live.protocols.Probe`.
"""

from canarypolicy.kinds import by_name, plug_ins

PROBES = by_name(*plug_ins("canarypolicy.probes").values())
