"""
Tests of policies: scenarios run through the engine, and what was expected held against what was decided.

Pure: files are read by those who call.
"""
