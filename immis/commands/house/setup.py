"""``immis setup``: the first run of a department."""

import json
import secrets
import sys
from pathlib import Path

import click

from immis import clock, setup_django
from immis.commands.processes.preparing import CannotRun, prepare
from immis.private import require_private_data
from immis.rules.districts import NAMES_HI
from immis.rules.first_run import LANGUAGES, Administrator, Answers, Department, odd_of, read_answers
from immis.rules.marks import Faults, nearest
from immis.rules.offices import states

_EXAMPLE = Path(__file__).with_name("answers.yaml")


@click.command(epilog="Example: immis setup --example > answers.yaml; immis setup --answers answers.yaml")
@click.option(
    "--answers", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="A file of answers (YAML)."
)
@click.option("--example", is_flag=True, help="Print an example of a file of answers and end.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON; with --answers only.")
def command(answers: Path | None, example: bool, as_json: bool) -> None:
    """Make the department: State, districts with their LGD codes, language, first administrator.

    Brings the records up to date first, so that it may be the first command of an installation. Without --answers it
    asks. Exit 2 where the answers are no good (every fault with its line) or the department is made already.
    """
    if example:
        click.echo(_EXAMPLE.read_text(encoding="utf8"), nl=False)
        return
    require_private_data()
    try:
        given = read_answers(answers) if answers else None
        prepare()
        _set_up(given or _asked(), asked=given is None, as_json=as_json)
    except (Faults, CannotRun, OSError, UnicodeDecodeError) as error:
        click.echo(f"immis setup: {error}", err=True)
        sys.exit(2)


def _set_up(answers: Answers, *, asked: bool, as_json: bool) -> None:
    setup_django()
    from django.core.exceptions import ValidationError

    from immis.registry.selectors import offices
    from immis.registry.services.first_run import NameTaken, SetUpAlready, set_up_department

    password, made = _password(answers, asked=asked)
    department = answers.department
    try:
        user = set_up_department(department=department, password=password, at=clock.now(), given=made)
    except (SetUpAlready, NameTaken) as error:
        words = f"{error} is a log-in already; choose another" if isinstance(error, NameTaken) else str(error)
        click.echo(f"immis setup: {words}", err=True)
        sys.exit(2)
    except ValidationError as error:
        click.echo(f"immis setup: the password is none: {' '.join(error.messages)}", err=True)
        sys.exit(2)
    payload = {
        "state": department.state,
        "districts": list(department.districts),
        "offices": offices().count(),
        "administrator": user.username,
        **({"password": password} if made else {}),
    }
    click.echo(json.dumps(payload, ensure_ascii=False) if as_json else _as_text(payload))


def _as_text(payload: dict[str, object]) -> str:
    districts = payload["districts"]
    lines = [f"{payload['state']}: {payload['offices']} offices, {len(districts)} districts."]  # type: ignore[arg-type]
    lines += [f"{payload['administrator']} administers it and logs in at /login."]
    if "password" in payload:
        lines += [f"Password, shown this once: {payload['password']}"]
    return "\n".join([*lines, "What is not set yet: immis check, or Installation in the administrator's menu."])


def _password(answers: Answers, *, asked: bool) -> tuple[str, bool]:
    """The administrator's password, and whether it was made here. Raises OSError where its file cannot be read."""
    if answers.password_file:
        return answers.password_file.read_text(encoding="utf8").partition("\n")[0].strip("\r"), False
    if asked and sys.stdin.isatty():
        return str(click.prompt("Password of the administrator", hide_input=True, confirmation_prompt=True)), False
    return secrets.token_urlsafe(15), True


def _asked() -> Answers:
    """The answers of whoever sits at the terminal, each asked until it can be kept."""
    state = str(click.prompt("State", type=click.Choice(list(states())), default=next(iter(states()))))
    language = str(click.prompt("Language of the pages", type=click.Choice(LANGUAGES), default="hi"))
    districts = _asked_districts()
    while True:
        words = {
            "username": click.prompt("Administrator: name for logging in"),
            "name_en": click.prompt("Administrator: name in English"),
            "name_hi": click.prompt("Administrator: name in Hindi"),
            "email": click.prompt("Administrator: e-mail"),
        }
        person = Administrator(**{name: str(value).strip() for name, value in words.items()})
        if not (odd := odd_of(person)):
            break
        click.echo("\n".join(f"{name}: {allowed}" for name, allowed in odd.items()), err=True)
    department = Department(state=state, districts=districts, language=language, administrator=person)
    return Answers(department, None)


def _asked_districts() -> tuple[str, ...]:
    while True:
        typed = str(click.prompt("Districts that begin, commas between (or: all)")).strip()
        if typed == "all":
            return tuple(NAMES_HI)
        named = [" ".join(name.split()).title() for name in typed.split(",") if name.strip()]
        unknown = [name for name in named if name not in NAMES_HI]
        if named and not unknown:
            return tuple(name for name in NAMES_HI if name in named)
        click.echo(f"{unknown[0]!r}: {nearest(unknown[0], NAMES_HI)}" if unknown else "at least one district", err=True)
