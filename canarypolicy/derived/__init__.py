"""
Derived functions: values computed from the history, each by one function over a window.

One file a function, one line in the table; `canarypolicy.derived.window` is what they share.
"""
