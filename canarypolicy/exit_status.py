"""
The exit statuses of the command line, one sentence each (SPEC section 4).

Nothing else in the program names a number that a shell sees.
"""

from enum import IntEnum


class ExitStatus(IntEnum):
    """
    What the process's exit status says to a pipeline.
    """

    ADVANCE = 0
    """The decision is advance, the rollout is complete, or there is nothing to report."""

    COULD_NOT_RUN = 1
    """The command could not run: the world's fault, or ours."""

    USAGE = 2
    """The command line itself is wrong."""

    FINDINGS = 3
    """A document or recording is invalid, a test failed, a review was refused."""

    HOLD = 4
    """The decision is hold."""

    ROLLBACK = 5
    """The decision is rollback."""
