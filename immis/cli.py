"""``immis``: every command, each loaded only when it is called."""

from importlib import import_module

import click

from immis import __version__
from immis.private import NotPrivate, keep_private

_COMMANDS = {
    "archive": ("archive", "Copy positions of past days to an S3-compatible store."),
    "auction": ("auction", "Check a published audit document of an auction."),
    "backup": ("backup", "Copy everything this installation keeps, while it runs."),
    "bench": ("bench", "Measure one part on this machine."),
    "decode": ("decode", "Decode AIS-140 frames to JSON lines."),
    "demo": ("demo", "Play a season on the Munger notice."),
    "eproc": ("eproc", "Take in signed exports of auctions held on E-Proc."),
    "events": ("events", "Run the process of live events."),
    "evidence": ("evidence", "Check bundles of evidence."),
    "gateway": ("gateway", "Run the telemetry gateway."),
    "ledger": ("ledger", "Check the ledger."),
    "log": ("log", "Check the action log."),
    "notice": ("notice", "Check or import an auction notice."),
    "office": ("office", "Enter the tree of offices, appoint people to posts."),
    "openapi": ("openapi", "Print the API description."),
    "pass": ("pass_", "Verify a signed pass without a network."),
    "password": ("password", "Set the password of a person who forgot it."),
    "positions": ("positions", "Print stored positions of a device."),
    "questions": ("questions", "Ask over a month or more: night trips, pass mills, balance."),
    "register": ("register", "Check declared registers, or import into one."),
    "restore": ("restore", "Bring a backup back into an empty installation."),
    "run": ("run", "Run all processes under one supervisor."),
    "schedule": ("schedule", "Work out security and instalments of a bid."),
    "scroll": ("scroll", "Check a scroll of the treasury by cell."),
    "simulate": ("simulate", "Stand in for outside systems: devices, treasury, E-Proc."),
    "trace": ("trace", "Requirement to policy, rule, test and page."),
    "web": ("web", "Run the pages and the API."),
    "worker": ("worker", "Run the jobs."),
}


class _Lazy(click.Group):
    """A group that imports a command's module only when the command is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(_COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in _COMMANDS:
            return None
        return import_module(f"immis.commands.{_COMMANDS[name][0]}").command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, _COMMANDS[name][1]) for name in self.list_commands(ctx)])

    def invoke(self, ctx: click.Context) -> object:
        keep_private()
        try:
            return super().invoke(ctx)
        except NotPrivate as error:
            click.echo(f"immis: {error}", err=True)
            raise SystemExit(2) from None


@click.command(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="immis")
def main() -> None:
    """IMMIS: from the auction notice to the truck on the road and the penalty order."""


if __name__ == "__main__":
    main()
