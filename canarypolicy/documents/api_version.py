"""
The version that every document and recording begins with.
"""

API_VERSION = "canarypolicy/v1"
