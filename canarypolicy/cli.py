"""
The command line: the group of commands, and the one place where exceptions become messages and exit statuses.

What a command does is in `canarypolicy.commands`; only what this file needs is imported before a command is chosen.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, NoReturn

import click

from canarypolicy import __version__
from canarypolicy.commands import COMMANDS
from canarypolicy.commands.console import Console, make_streams_safe
from canarypolicy.errors import InvalidInput, Unavailable, Unsupported
from canarypolicy.exit_status import ExitStatus

if TYPE_CHECKING:
    from collections.abc import Sequence

EPILOG = (
    "Exit status: 0 advance, complete, or nothing to report; 1 could not run; 2 usage; 3 findings; 4 hold; 5 rollback. "
    "`canarypolicy COMMAND --help` shows a command's options."
)


class LazyGroup(click.Group):
    """
    A group that imports a command's module when that command is called, and not before.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(COMMANDS[cmd_name].module).command
        return command

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] not in COMMANDS and not args[0].startswith("-"):
            from difflib import get_close_matches  # noqa: PLC0415 - only what is wrong is guessed at

            near = get_close_matches(args[0], COMMANDS, n=1, cutoff=0.5)
            hint = f"did you mean `{near[0]}`? " if near else ""
            known = ", ".join(f"`{name}`" for name in COMMANDS)
            raise click.UsageError(f"there is no command `{args[0]}`; {hint}commands: {known}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's signature
        with formatter.section("Commands"):
            formatter.write_dl([(entry.name, entry.summary) for entry in COMMANDS.values()])


@click.group(cls=LazyGroup, epilog=EPILOG, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="canarypolicy", message="%(prog)s %(version)s")
@click.option("--debug", is_flag=True, envvar="CANARYPOLICY_DEBUG", help="Show the traceback of an internal error.")
@click.pass_context
def group(ctx: click.Context, *, debug: bool) -> None:
    """
    Rollout policies as code: validated, evaluated and replayed on recorded metrics.
    """
    console = ctx.ensure_object(Console)
    console.is_debug = debug
    if ctx.invoked_subcommand is None:
        console.fault(ctx.get_help())
        ctx.exit(ExitStatus.USAGE)


def main() -> NoReturn:
    """
    Run the command line of this process and end it with its exit status.
    """
    make_streams_safe()
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> ExitStatus:
    """
    Run one command line and give its exit status; no exception leaves.
    """
    console = Console()
    try:
        return _status(group.main(list(arguments), prog_name="canarypolicy", standalone_mode=False, obj=console))
    except click.UsageError as error:
        return _usage(error, console)
    except (KeyboardInterrupt, click.Abort):
        console.fault("canarypolicy: interrupted")
        return ExitStatus.COULD_NOT_RUN
    except InvalidInput as error:
        console.findings(error.findings)
        return ExitStatus.FINDINGS
    except (Unavailable, Unsupported) as error:
        console.fault(f"canarypolicy: error: {error.message}")
        if error.help is not None:
            console.fault(f"   help: {error.help}")
        return ExitStatus.COULD_NOT_RUN
    except Exception as error:  # noqa: BLE001 - a pipeline gets a line and a status, never a traceback
        return _internal(error, console)


def _status(returned: object) -> ExitStatus:
    # click gives the command's return value, or the status of `--help` and `--version`
    return ExitStatus(returned) if isinstance(returned, int) else ExitStatus.ADVANCE


def _usage(error: click.UsageError, console: Console) -> ExitStatus:
    console.fault(f"canarypolicy: usage: {error.format_message()}")
    if error.ctx is not None:
        console.fault(f"   help: `{error.ctx.command_path} --help` shows what can be said")
    return ExitStatus.USAGE


def _internal(error: Exception, console: Console) -> ExitStatus:
    # The exception's own words may hold a secret; they are shown only to the one who asks.
    if console.is_debug:
        import traceback  # noqa: PLC0415 - only when it is asked for

        console.fault("".join(traceback.format_exception(error)).rstrip("\n"))
    console.fault(f"canarypolicy: internal error: {type(error).__name__} in {_origin(error)}")
    console.fault("   help: this is a fault in canarypolicy; please report it with what `canarypolicy --debug ...` prints")
    return ExitStatus.COULD_NOT_RUN


def _origin(error: Exception) -> str:
    where = "canarypolicy"
    trace = error.__traceback__
    while trace is not None:
        module = trace.tb_frame.f_globals.get("__name__", "")
        if module.startswith("canarypolicy."):
            where = f"{module}:{trace.tb_lineno}"
        trace = trace.tb_next
    return where
