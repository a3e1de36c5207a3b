"""Charges of a sheet: people are entered who are not yet, and given the posts that their rows name.

The sheet leaves one line in the action log, with its hash; each charge keeps who gave it. Taking a sheet in again adds
nothing.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db.models import Q

from immis.core.access.permissions import Actor
from immis.core.grants import may, require_grant
from immis.registry.changes import Taken
from immis.registry.models import Office, Post, User
from immis.registry.people.charges import GIVE, standing
from immis.rules.calendar import end_of, india_day
from immis.rules.people_rows import Known, KnownOffice, KnownPerson, PersonRow, misfits_of
from immis.rules.registry.cells import misfit


def take_charges(
    rows: Sequence[Mapping[str, Any]],
    *,
    by: Actor,
    at: datetime,
    coming: Collection[str] = (),
    only_check: bool = False,
) -> Taken:
    """Give many charges at once, each as its row has it; a charge that is held already is given once.

    ``coming`` are people whom an earlier row of the same sheet enters; ``only_check`` writes nothing. What is refused
    is answered by its place. Raises NotPermitted for who gives no charges.
    """
    require_grant(by, GIVE)
    taken, sound, seen = Taken(), [], set()
    given = [PersonRow(**fields) for fields in rows]
    people = {**dict.fromkeys(coming, KnownPerson()), **_people({row.username for row in given}, by)}
    known = Known(_offices(by), people)
    for place, row in enumerate(given):
        findings = misfits_of(row, known=known, today=india_day(at))
        charge = (row.username, row.post, row.office)
        if charge in seen:
            findings.append(misfit("post", row.post, "twice"))
        if findings:
            taken.refused[place] = findings
            continue
        seen.add(charge)
        people.setdefault(row.username, KnownPerson())
        sound.append(row)
    if not only_check:
        taken.entered = _give(sound, given_by=by.user_id, at=at)
    return taken


def _offices(by: Actor) -> dict[str, KnownOffice]:
    rows = Office.objects.values_list("code", "kind", "district", "closed_at")
    reached = {district: may(by, GIVE, district=district) for district in {row[2] for row in rows}}
    return {code: KnownOffice(kind, closed is None, reached[district]) for code, kind, district, closed in rows}


def _people(names: Collection[str], by: Actor) -> dict[str, KnownPerson]:
    rows = User.objects.filter(username__in=names)
    of_party = set(rows.filter(Q(parties__isnull=False) | Q(authorities__isnull=False)).values_list("pk", flat=True))
    return {
        username: KnownPerson(active, pk in of_party, pk == by.user_id)
        for pk, username, active in rows.values_list("pk", "username", "is_active")
    }


def _give(rows: Sequence[PersonRow], *, given_by: int | None, at: datetime) -> int:
    """Enter who is not there yet and give what is not held; answers how many rows there were."""
    names = {row.username for row in rows}
    known = set(User.objects.filter(username__in=names).values_list("username", flat=True))
    new = {row.username: row for row in rows if row.username not in known and row.name_en}
    User.objects.bulk_create([_person(row) for row in new.values()])
    people = {user.username: user for user in User.objects.filter(username__in=names)}
    offices = Office.objects.in_bulk({row.office for row in rows}, field_name="code")
    over = Post.objects.filter(user__username__in=known, active=True).exclude(standing(at)).exclude(begins_at__gt=at)
    over.update(active=False)
    held = set(Post.objects.filter(user__username__in=known, active=True).values_list("user_id", "office_id", "role"))
    given = [(row, people[row.username], offices[row.office]) for row in rows if row.username in people]
    Post.objects.bulk_create(
        [
            Post(user=user, office=office, role=row.post, begins_at=at, given_by=given_by, **_terms(row))
            for row, user, office in given
            if (user.pk, office.pk, row.post) not in held
        ]
    )
    return len(rows)


def _person(row: PersonRow) -> User:
    user = User(username=row.username, name_en=row.name_en, name_hi=row.name_hi, email=row.email)
    user.password = make_password(None)
    return user


def _terms(row: PersonRow) -> dict[str, Any]:
    ends_at = end_of(row.ends_on) if row.ends_on else None
    return {"additional": row.additional, "ends_at": ends_at, "reference": row.reference}
