"""
A worked example of plug-ins for canarypolicy: a source and an actuator.
"""
