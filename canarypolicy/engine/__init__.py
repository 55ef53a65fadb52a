"""
The judgement: samples in, decisions out, by a pure fold.

No clock, no I/O, no randomness.
"""
