"""
Reviewing a change of policy: what it does, proved over all histories and shown on recorded ones.

A proof over-approximates, a witness under-approximates and is replayed by the engine before it is shown; what lies between
is unknown, and unknown never counts as fine.
"""
