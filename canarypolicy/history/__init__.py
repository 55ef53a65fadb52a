"""
Histories: recordings as lines and columns, and their replay.
"""
