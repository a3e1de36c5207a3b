"""``immis``: every command, each loaded only when it is called."""

import ast
from functools import cache
from importlib import import_module
from pathlib import Path

import click

from immis import __version__
from immis.private import NotPrivate, OtherKind, keep_private
from immis.rules.marks import Faults
from immis.rules.policy import PolicyError

_ROOMS = Path(__file__).parent / "commands"


@cache
def _commands() -> dict[str, Path]:
    """Command to its file: every module in ``commands`` that has a function ``command``.

    They are read as text, for loading them all takes a second.
    """
    rows = {}
    for path in sorted(_ROOMS.rglob("*.py")):
        if "\ndef command(" in path.read_text(encoding="utf-8"):
            rows[(path.parent.name if path.stem == "__init__" else path.stem).rstrip("_")] = path
    return rows


def _module(path: Path) -> str:
    parts = path.relative_to(_ROOMS).with_suffix("").parts
    return ".".join(("immis.commands", *parts)).removesuffix(".__init__")


def _help(path: Path) -> str:
    """The first line of what ``command`` says of itself."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef) and node.name == "command":
            return (ast.get_docstring(node) or "").partition("\n")[0]
    return ""


class _Lazy(click.Group):
    """A group that imports a command's module only when the command is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(_commands())

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in _commands():
            return None
        return import_module(_module(_commands()[name])).command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, _help(_commands()[name])) for name in self.list_commands(ctx)])

    def invoke(self, ctx: click.Context) -> object:
        keep_private()
        try:
            return super().invoke(ctx)
        except (NotPrivate, OtherKind) as error:
            click.echo(f"immis: {error}", err=True)
            raise SystemExit(2) from None
        except (Faults, PolicyError) as error:  # what nothing can begin with: said as its writer can mend it
            click.echo(f"immis/policy: {error}", err=True)
            raise SystemExit(2) from None


@click.command(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="immis")
def main() -> None:
    """IMMIS: from the auction notice to the truck on the road and the penalty order."""


if __name__ == "__main__":
    main()
