"""Reports that are sent when their period is over: to every office of a post, each over what that post may see."""

from datetime import date, datetime

from immis.core.access.permissions import Actor
from immis.core.nouns import Names
from immis.messaging.selectors import was_sent
from immis.messaging.services import Recipient, send
from immis.registers import nouns
from immis.registers.declaration import Register, Report
from immis.registers.periodic.measures import report as rows_of
from immis.registers.periodic.periods import period_before, period_of
from immis.registry.selectors import Office, addresses_of, office_actor, offices_with_post

_LINES = 20  # of a message; the page shows all


def send_report(register: Register, report: Report, *, at: datetime, today: date) -> int:
    """Send a report of the period before today's to each office of its posts that has not had it; answers how many."""
    first, last = period_before(period_of(today, report.every)[0], report.every)
    sent = 0
    for post in report.to:
        for office in offices_with_post(post):
            key = f"report:{register.name}:{report.name}:{post}:{office.pk}:{first}"
            if not was_sent(key):
                _send(register, report, office_actor(office, post), office, key, (first, last), at)
                sent += 1
    return sent


def _send(
    register: Register, report: Report, reader: Actor, office: Office, key: str, span: tuple[date, date], at: datetime
) -> None:
    first, last = span
    rows = rows_of(register, report, reader, first=first, last=last)
    names = [(_name(register, report.by, group), figure.value) for group, figure in rows[:_LINES]]
    lines = {lang: "\n".join(f"{name[lang]}: {value}" for name, value in names) or "—" for lang in ("en", "hi")}
    facts = {
        "register": register.title, "report": report.title, "measure": register.measures[report.measure].title,
        "first_on": first, "last_on": last, "groups": len(rows), "lines": lines,
    }  # fmt: skip
    to = Recipient("office", str(office.pk), others=addresses_of(office))
    send("MSG-141", to=to, facts=facts, at=at, subject=("register", register.name), key=key)


def _name(register: Register, by: str, group: str) -> Names:
    """A group of a report in both languages."""
    field = register.fields.get(by)
    if by == "state" and group in register.states:
        return register.states[group].title
    if field and field.choices and group in field.choices:
        return field.choices[group]
    if by == "office":
        return nouns.name_of("office", group)
    if field and field.type == "reference" and group:
        return nouns.name_of(field.refers, group)
    return {"en": group or "—", "hi": group or "—"}
