"""An officer's desk: the rows of one cause about one thing, the task behind a row, and its end."""

from tests.doors.http import Person


def desk(officer: Person, cause: str, about: str) -> list[str]:
    """The rows of a desk that one trigger put there about one thing, as HTML."""
    rows = officer.open(f"/office/?code={cause}").text.split("<tr")[1:]
    return [row for row in rows if about in row]


def task_of(row: str) -> str:
    """The address of a row's task."""
    return next(part.split('"')[0] for part in row.split('href="') if part.startswith("/office/tasks/"))


def finish(officer: Person, rows: list[str], note: str = "Looked into") -> None:
    """The officer marks the tasks as done: while one stands, none of its kind joins it."""
    for row in rows:
        officer.send(officer.open(task_of(row)), lambda form: form.fields.get("act") == "done", {"note": note})
