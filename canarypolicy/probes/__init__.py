"""
Probes: one look at whether something works.

One file a member, one line in the table; the protocol is `canarypolicy.live.protocols.Probe`.
"""

from canarypolicy.kinds import with_plug_ins
from canarypolicy.probes.backup import BackupProbe
from canarypolicy.probes.command import CommandProbe
from canarypolicy.probes.http import HttpProbe
from canarypolicy.probes.mysql import MysqlProbe
from canarypolicy.probes.postgresql import PostgresqlProbe
from canarypolicy.probes.prometheus import PrometheusProbe
from canarypolicy.probes.redis import RedisProbe

PROBES = with_plug_ins(
    "canarypolicy.probes",
    BackupProbe,
    CommandProbe,
    HttpProbe,
    MysqlProbe,
    PostgresqlProbe,
    PrometheusProbe,
    RedisProbe,
)
