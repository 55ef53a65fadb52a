"""
A rollout carried out for real: observe, decide, act, record, each `every`.

The decisions are those of `canarypolicy.engine`; nothing here opens a file, a socket or a database, or looks at the clock.
What touches the world comes in through `canarypolicy.live.protocols`.
"""
