"""
CEL expressions: one tree and its readings, one module each (SPEC section 2.2).
"""
