"""What stands in the registers of a district after a month: visits, inspections, training, complaints."""

from typing import Any

from immis.commands.demo.cast import typed
from immis.commands.demo.department import sum_asked
from immis.commands.demo.people import Person
from immis.commands.demo.play import Play


def offices(play: Play) -> None:
    """Officers enter what a month brings, and decide of it what they are asked to."""
    for name, act, values, then in _ENTRIES:
        officer = play.person("hq" if name == "training" else "mdo")
        number = officer.call(f"/registers/{name}/acts/{act}", {"values": values})["number"]
        for who, further, more in then:
            play.person(who).call(f"/entries/{number}/acts/{further}", more)
    complaints(play)


_ANSWERS: dict[str, Any] = {"boards": "yes", "depth": "yes", "weighing": "yes"}
_Then = tuple[tuple[str, str, dict[str, Any]], ...]
_ENTRIES: tuple[tuple[str, str, dict[str, Any], _Then], ...] = (
    (
        "visitors", "enter",
        {"came_at": "2026-10-12T10:20", "visitor": typed("visitor_1"), "purpose": "application"},
        (("mdo", "meet", {"values": {"outcome": typed("taken_in")}}),),
    ),
    (
        "visitors", "enter",
        {"came_at": "2026-10-12T11:05", "visitor": typed("visitor_2"), "purpose": "complaint", "about": typed("noise")},
        (("mdo", "leave", {"reason": typed("away")}),),
    ),
    (
        "visitors", "enter",
        {"came_at": "2026-10-12T12:30", "visitor": typed("visitor_3"), "purpose": "hearing"},
        (),
    ),
    (
        "weekly_inspection", "hand_in", {"inspected_on": "2026-10-03", "ghat": "MUN-2026-01", **_ANSWERS},
        (("hq", "accept", {}),),
    ),
    (
        "weekly_inspection", "hand_in", {"inspected_on": "2026-10-10", "ghat": "MUN-2026-07", **_ANSWERS},
        (("hq", "return", {"reason": typed("depth")}),),
    ),
)  # fmt: skip

_COMPLAINTS = (
    ("", "delay", typed("school"), "/"),
    ("gangotri", "stuck", typed("refused"), "/settlee/"),
    ("mdo", "page", typed("slow"), "/vehicles/"),
)


def complaints(play: Play) -> None:
    """A citizen, a settlee and an officer report a problem; the first is answered."""
    numbers = [_complain(play, *row) for row in _COMPLAINTS]
    given = {"values": {"reply": typed("post_comes")}}
    play.person("mdo").call(f"/entries/{numbers[0]}/acts/answer", given)


def _complain(play: Play, who: str, kind: str, words: str, page: str) -> str:
    person = play.person(who) if who else play.know("citizen", Person(play.stage.url, ""))
    form = person.open(f"/complaints/new/?page={page}")
    given: dict[str, Any] = {"kind": kind, "words": words}
    given |= {"district": "Munger"} if "district" in form.text else {}
    given |= {"sum": sum_asked(form.text)} if not who else {}
    sent = person.send(form, lambda form: "words" in form.fields, given, follow=False)
    return str(sent.headers["Location"]).rstrip("/").rsplit("/", 2)[-2]
