"""
The names in a plan that are no steps of it.
"""

BEFORE = "before"
"""The name of the state in which nothing is released yet."""
START = "start"
"""The name of the instant at which a rollout starts."""
