"""
Backups: what takes the rollback snapshot. In an Environment they stand under `actuators`, but set no weight.

One file a member, one line in the table; the protocol is `canarypolicy.live.protocols.Backup`.
"""

from canarypolicy.kinds import by_name, plug_ins

BACKUPS = by_name(*plug_ins("canarypolicy.backups").values())
