"""``immis weighbridge``: the agent beside a scale, a stand-in for a scale, a check of other makers' software."""

import click

from immis.commands.weighbridge.check import command_check
from immis.commands.weighbridge.eyes import command_eyes
from immis.commands.weighbridge.release import command_release
from immis.commands.weighbridge.simulate import command_simulate


@click.group("weighbridge", epilog="Example: immis weighbridge simulate --preset yaohua-a9")
def command() -> None:
    """Read, simulate and check weighbridges."""


@command.command(
    "agent",
    context_settings={"ignore_unknown_options": True, "allow_extra_args": True, "help_option_names": []},
    epilog="Example: immis weighbridge agent pair https://immis.example 123456",
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def agent(arguments: tuple[str, ...]) -> None:
    """The agent that runs beside a scale (the same as the packed immis-agent.pyz)."""
    from immis.agent.main import main

    raise SystemExit(main(list(arguments), "immis weighbridge agent"))


command.add_command(command_simulate)
command.add_command(command_check)
command.add_command(command_eyes)
command.add_command(command_release)
