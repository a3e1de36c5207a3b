"""A monthly review: its minutes are taken in, its directions answered, closed by the chair, one is in difficulty."""

import re
from pathlib import Path

from immis.commands.demo.cast import typed
from immis.commands.demo.people import PAPER, Person, Stuck
from immis.commands.demo.play import Play

FILE = Path(__file__).parent / "review_2026.txt"
KEEPER, CHAIR, OWNER = "it-manager", "secretary", "nic"
_NUMBER = re.compile(r"MTG-\d\d-\d{4}")
#: What is asked back of the minutes, and the owners of the points that name two.
_ANSWERS = {
    "owners_1": ["deputy_secretary", "it_manager"],
    "repeats_1": "before",
    "owners_5": ["nic", "ad_hq"],
    "repeats_9": "before",
    "owners_16": ["all"],
}


def review(play: Play) -> None:
    """The IT manager takes in the minutes and answers what is asked back; the directions go their ways."""
    keeper = play.person(KEEPER)
    number = take_in(keeper)
    form = keeper.open(f"/office/meetings/{number}/review/")
    keeper.send(form, lambda form: "chair_post" in form.fields, _ANSWERS)
    for reader in (OWNER, CHAIR, KEEPER):
        play.person(reader).call(f"/meetings/{number}/acts/meeting.acknowledge")
    _carried_out(play, f"{number}-03")
    for point, reported in (("02", "fenced"), ("16", "no_difficulty")):
        body = {"how": "done", "text": typed(reported)}
        play.person("mdo").call(f"/directions/{number}-{point}/acts/direction.report", body)
    play.person(OWNER).call(f"/directions/{number}-11/acts/direction.raise", {"kind": "legal", "text": typed("awaits")})


def take_in(keeper: Person) -> str:
    """Hand in the minutes on the page of meetings; answers the number of the draft."""
    page = keeper.open("/office/meetings/")
    files = {"paper": (FILE.name, FILE.read_bytes(), "text/plain")}
    answer = keeper.send(page, lambda form: "paper" in form.files, files=files)
    result = _NUMBER.search(str(answer.url))
    if result is None:
        raise Stuck("the minutes were not taken in")
    return result[0]


def _carried_out(play: Play, number: str) -> None:
    """The owner reports with evidence, may not close it himself, and the chair closes it."""
    owner, chair = play.person(OWNER), play.person(CHAIR)
    page = owner.open(f"/office/directions/{number}/")
    report = {"how": "done", "text": typed("told")}
    files = {"document": ("evidence.pdf", PAPER, "application/pdf")}
    owner.send(page, lambda form: form.fields.get("act") == "report", report, files=files)
    refused = owner.call(f"/directions/{number}/acts/direction.close", {"text": "Done"}, lawful=False)
    if "DIR-05" not in str(refused):
        raise Stuck("the owner of a direction closed it himself")
    chair.call(f"/directions/{number}/acts/direction.close", {"text": typed("seen_there")})
