"""
Backups: what takes the rollback snapshot. In an Environment they stand under `actuators`, but set no weight.

One file a member, one line in the table; the protocol is `canarypolicy.live.protocols.Backup`.
"""

from canarypolicy.backups.command import CommandBackup
from canarypolicy.backups.mysqldump import MysqldumpBackup
from canarypolicy.backups.pg_dump import PgDumpBackup
from canarypolicy.kinds import with_plug_ins

BACKUPS = with_plug_ins("canarypolicy.backups", CommandBackup, MysqldumpBackup, PgDumpBackup)
