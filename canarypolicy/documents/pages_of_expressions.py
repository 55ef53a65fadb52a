"""
Pages on findings in expressions; see `canarypolicy.documents.pages`.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

PAGES_OF_EXPRESSIONS: Mapping[str, str] = MappingProxyType(
    {
        "chained-comparison": """A comparison is compared again, as in `a < b < c`.

`a < b` gives true or false. Write `a < b && b < c`.
""",
        "constant-in-doubles": """A constant of ints stands next to a double and is computed in doubles.

`1/2` is 0 in ints and 0.5 in doubles. Write the double that is meant.
""",
        "constant-unknown": """A part of an expression can only ever be unknown.

A constant such as `1/0` has no value. Correct it.
""",
        "expression-too-long": """An expression has more than 4,096 characters.

Split it into rules; each tells its own reason.
""",
        "expression-too-many-tokens": """An expression has more than 400 words and signs.

Split it into rules; each tells its own reason.
""",
        "expression-too-nested": """An expression is nested more than 32 deep.

Split it into rules.
""",
        "has-of-expression": """`has` is asked of something that is no signal.

`has(canary.errors)` tells whether a signal is present.
""",
        "impossible-value": """A string signal is compared with a text that it never is.

The comparison is always false. Declared are its `values`.
""",
        "int-double-mix": """An int meets a double.

A constant becomes a double by itself; a signal does not. Write `double(canary.restarts)`.
""",
        "int-out-of-range": """An int has more than 64 bits.

Write it as a double, such as `1e20`.
""",
        "invalid-escape": """A text holds a backslash that begins no escape.

Write `\\\\` for a backslash, or put `r` before the quote.
""",
        "invalid-pattern": """The pattern of `matches` is no regular expression of RE2.

RE2 has neither backreferences nor lookaround.
""",
        "nested-macros": """Macros lie more than two deep in one another.

The cost would grow with every level.
""",
        "not-a-bool": """Something that must be true or false is neither.

A rule is a question: compare the number with a limit.
""",
        "reference-reading": """A rule runs on the reference reading of its expression.

It means the same and is slower: the compiled reading does not know one of its parts.
""",
        "syntax-error": """The text is no expression.

Mostly a bracket, a quote or an operator is missing. Operators are `&& || ! == != < <= > >= + - * / %`,
`in` and `?:`.
""",
        "type-mismatch": """Two values do not go together.

Numbers are compared with numbers and texts with texts.
""",
        "undeclared-signal": """An expression or a derived signal reads a name that is not declared.

Declare it under `signals` or `derived`, or correct it.
""",
        "unknown-function": """There is no such function.

There are `size`, `contains`, `startsWith`, `endsWith`, `matches`, the conversions `bool`, `double`,
`int`, `string`, and the macros `all`, `exists`, `exists_one`, `filter`, `map`.
""",
        "unordered-type": """Values without an order are compared by size.

Numbers and texts have an order; bools do not.
""",
        "unsupported-construct": """A part of the expression language is not available in policies.

Times, durations, maps, messages and `dyn` are not.
""",
        "variable-hides-signal": """A macro's variable has the name of a signal.

Choose another name, such as `x`.
""",
        "wrong-arguments": """A function or macro does not take what it is given.

The message says what it takes.
""",
    }
)
