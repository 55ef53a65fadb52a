"""
Sources: what gives the values of signals over a window of time.

One file a source, one line in the table; `canarypolicy.sources.protocol` is what they share.
"""

from collections.abc import Mapping
from typing import Any

from canarypolicy.kinds import with_plug_ins
from canarypolicy.sources.command import Command
from canarypolicy.sources.http import Http
from canarypolicy.sources.prometheus import Prometheus
from canarypolicy.sources.recording import RecordedSignals

SOURCES: Mapping[str, Any] = with_plug_ins("canarypolicy.sources", Command, Http, Prometheus, RecordedSignals)
