"""
Small programs that tests run: Python with a text of its own, never a shell.
"""

from __future__ import annotations

import sys
from typing import Any

from canarypolicy.documents.secrets import World, parse_template


def python(text: str, *arguments: str) -> list[str]:
    """
    Give the arguments that run a text as Python; braces and dollars are kept as they are.
    """
    return [sys.executable, "-I", "-S", "-c", text.replace("${", "$${"), *arguments]


def world(variables: dict[str, str] | None = None, files: dict[str, str] | None = None) -> World:
    """
    Give a world with these variables and files only.
    """

    def read_file(path: str) -> str:
        if path not in (files or {}):
            raise FileNotFoundError(2, "No such file or directory", path)
        return (files or {})[path]

    return World(variables=dict(variables or {}), read_file=read_file)


def templates(*texts: str) -> tuple[Any, ...]:
    return tuple(parse_template(text) for text in texts)
