"""
Mutation testing of policies: slips of the pen, which of them no test notices, and the tests that would.

Works on policies and tests that have been read; no file is opened here.
"""
