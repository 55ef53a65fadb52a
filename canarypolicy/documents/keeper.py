"""
The secrets of one part of an Environment: brought in when they are used, and blotted out of whatever the part says.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from canarypolicy.documents.secrets import Secret, masked

if TYPE_CHECKING:
    from canarypolicy.documents.secrets import Template, World

_LONGEST_TEXT = 200


class Keeper:
    """
    Resolves the templates of one part, and remembers what they brought in.
    """

    def __init__(self, place: str, world: World) -> None:
        self.place = place
        """What messages call the part, such as ``actuator `traffic` ``."""
        self.world = world
        self.secrets: list[Secret] = []

    def secret(self, template: Template, key: str) -> Secret:
        """
        Give the text of a parameter; a variable or file that is not there is `Unavailable`, and says so.
        """
        whole, brought_in = template.resolve(self.world, f"`{key}` of {self.place}")
        self.secrets.extend(brought_in)
        return whole

    def hidden(self, template: Template, key: str) -> Secret:
        """
        Resolve what is a secret also where it stands in the document.
        """
        whole = self.secret(template, key)
        self.secrets.append(whole)
        return whole

    def text(self, template: Template, key: str) -> str:
        """
        Give the text of a parameter that is used as it is: a path, an argument.
        """
        return self.secret(template, key).reveal()

    def shown(self, text: str) -> str:
        """
        Give a foreign text, such as a server's answer, on one line, shortened, without secrets.
        """
        line = " ".join(masked(text, tuple(self.secrets)).split())
        line = "".join(each if each.isprintable() else "?" for each in line)
        return line if len(line) <= _LONGEST_TEXT else line[: _LONGEST_TEXT - 3] + "..."
