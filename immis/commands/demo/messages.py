"""Registered SMS texts of the season: the proposal goes to the operators, and comes back with their numbers."""

import csv
import io

from immis.commands.demo.play import Play

_HEADER = "BHMINE"
_FIRST = 1_107_170_000_000_000_000


def register_texts(play: Play) -> None:
    """Headquarters takes the proposal to the operators, and takes in what they registered (A-09)."""
    office = play.person("hq")
    text = office.open("/office/sms-texts/lacking/?format=csv").content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    out = io.StringIO()
    writer = csv.DictWriter(out, fieldnames=list(rows[0]))
    writer.writeheader()
    for number, row in enumerate(rows):
        writer.writerow({**row, "number": str(_FIRST + number), "header": _HEADER})
    file = ("sms-texts.csv", out.getvalue().encode(), "text/csv")
    page = office.open("/office/sms-texts/import/")
    office.send(page, lambda form: "file" in form.files, files={"file": file})
