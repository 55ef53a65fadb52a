"""
What users write: documents, their positions, their faults and their meaning.

Takes text and opens nothing; reading files belongs to `canarypolicy.commands`.
"""
