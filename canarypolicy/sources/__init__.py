"""
Sources: what gives the values of signals over a window of time.

One file a source, one line in the table; `canarypolicy.sources.protocol` is what they share.
"""

from canarypolicy.kinds import with_plug_ins
from canarypolicy.sources.prometheus import Prometheus

SOURCES = with_plug_ins("canarypolicy.sources", Prometheus)
