"""
`python -m canarypolicy`, the same program as `canarypolicy`.
"""

from canarypolicy.cli import main

if __name__ == "__main__":
    main()
