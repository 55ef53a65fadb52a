"""
Notifiers: who tells people what happened to a rollout.

One file a member, one line in the table; the protocol is `canarypolicy.live.protocols.Notifier`.
"""

from canarypolicy.kinds import with_plug_ins
from canarypolicy.notifiers.alertmanager import Alertmanager
from canarypolicy.notifiers.command import CommandNotifier
from canarypolicy.notifiers.webhook import WebhookNotifier

NOTIFIERS = with_plug_ins("canarypolicy.notifiers", Alertmanager, CommandNotifier, WebhookNotifier)
