"""
How a run is seen from outside while it goes on: its log on stderr, and its own metrics over HTTP.
"""
