"""
Notifiers: who tells people what happened to a rollout.

One file a member, one line in the table; the protocol is `canarypolicy.live.protocols.Notifier`.
"""

from canarypolicy.kinds import by_name, plug_ins

NOTIFIERS = by_name(*plug_ins("canarypolicy.notifiers").values())
