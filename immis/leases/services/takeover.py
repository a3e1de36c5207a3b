"""Settlements that run already, taken over from a signed file: checked line by line, booked whole or not at all."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from immis.adapters.eproc import EprocForged, check_signature
from immis.core.access.permissions import Actor
from immis.core.errors import Refusal
from immis.core.grants import require_grant
from immis.core.papers import uploads
from immis.core.papers.reading import read_upload
from immis.core.services import log_action
from immis.core.signing.facts import Unreadable
from immis.leases.models import Lease, Takeover
from immis.leases.services.taking import TakenPlace, take_settlement
from immis.ledger.selectors import known_grns, problems
from immis.registry.selectors import Party, blocks, parties
from immis.registry.services import checked_pan
from immis.rules.calendar import india_day
from immis.rules.catalogue import Finding
from immis.rules.leases import taken
from immis.rules.leases.takeover import Books, balances_of, faults_of, has_terms
from immis.rules.policy import book

_ED25519 = b"ed25519:"
_MOST_SIGNATURE = 64 * 1024


@dataclass(frozen=True)
class TakeoverReport:
    """What a file holds and every fault in it, by line; ``file`` is None where a cell cannot be read.

    ``by_deed`` are the numbers of the settlements whose terms are those of their own deed (TKO-02).
    """

    faults: tuple[taken.Fault, ...]
    file: taken.TakeoverFile | None
    by_deed: tuple[str, ...] = ()

    @property
    def good(self) -> bool:
        return self.file is not None and not self.faults


def _unusable(why: str, **facts: object) -> Refusal:
    return Refusal(Finding("TKO-01", {"problem": book().words("TKO-01", why, **facts)}))


def check_takeover(*, content: bytes, by: Actor, at: datetime) -> TakeoverReport:
    """Lay a file against the rule book and the records; nothing is written.

    Raises NotPermitted for another district's file.
    """
    require_grant(by, "lease.take_over")
    reading: taken.TakeoverReading = read_upload("takeover", content)
    if reading.file is None:
        return TakeoverReport(reading.faults, None)
    require_grant(by, "lease.take_over", district=reading.file.district)
    return TakeoverReport(tuple(_faults(reading.file, at=at)), reading.file, _by_deed(reading.file))


def _by_deed(file: taken.TakeoverFile) -> tuple[str, ...]:
    rows = file.of(taken.Settlement)
    return tuple(row.number for row in rows if not has_terms(row, district=file.district, policy=book()))


def _faults(file: taken.TakeoverFile, *, at: datetime) -> list[taken.Fault]:
    return [*_odd_parties(file), *faults_of(file, _books(file, at=at), policy=book())]


def _odd_parties(file: taken.TakeoverFile) -> list[taken.Fault]:
    """Parties of a file that no party can be: of no kind, with no PAN, with no address."""
    kinds, faults = [kind for kind, _words in Party.KINDS], []
    for row in file.of(taken.Party):
        if row.kind not in kinds:
            faults.append(taken.Fault(row.line, "kind", "kind", {"found": row.kind, "expected": ", ".join(kinds)}))
        try:
            checked_pan(row.pan)
        except Refusal:
            faults.append(taken.Fault(row.line, "pan", "pan", {"found": row.pan}))
        try:
            validate_email(row.email)
        except ValidationError:
            faults.append(taken.Fault(row.line, "email", "email", {"found": row.email}))
    return faults


def _books(file: taken.TakeoverFile, *, at: datetime) -> Books:
    """What the records hold of what the file names."""
    settlements = file.of(taken.Settlement)
    ghats = [*(row.ghat for row in settlements), *(row.code for row in file.of(taken.Ghat))]
    pans = [*(row.pan for row in settlements), *(row.pan for row in file.of(taken.Party))]
    running = Lease.objects.filter(block__code__in=ghats, cancelled_at__isnull=True)
    numbers = [row.number for row in settlements]
    proved = parties(pan__in=pans, pan_proved_at__isnull=False)
    return Books(
        pans=frozenset(proved.values_list("pan", flat=True)),
        ghats=dict(blocks(code__in=ghats).values_list("code", "district")),
        settled_ghats=frozenset(running.values_list("block__code", flat=True)),
        numbers=frozenset(Lease.objects.filter(number__in=numbers).values_list("number", flat=True)),
        grns=known_grns(row.grn for row in file.of(taken.Payment)),
        today=india_day(at),
    )


def take_over_settlements(*, content: bytes, signature: bytes, file_name: str, by: Actor, at: datetime) -> Takeover:
    """Take a signed file of settlements in force over, whole: parties, ghats, deeds, clearances, demands, payments.

    The same file again answers the first time. Raises Refusal (TKO-01): not signed by whom this installation trusts,
    a fault in a line, a reference that is taken, a ledger that would not be whole. NotPermitted for another district.
    """
    sha256 = hashlib.sha256(content).hexdigest()
    report = check_takeover(content=content, by=by, at=at) if not _known(sha256) else None
    if report is None:
        require_grant(by, "lease.take_over", district=(known := Takeover.objects.get(sha256=sha256)).district)
        return known
    if not report.good:
        raise _unusable("faulty", n=len(report.faults), line=report.faults[0].line)
    assert report.file is not None
    signer = _signer(content, signature, at=at)
    return _take(report.file, sha256, file_name, signer, content, by=by, at=at)


def _known(sha256: str) -> bool:
    return Takeover.objects.filter(sha256=sha256).exists()


def _signer(content: bytes, signature: bytes, *, at: datetime) -> str:
    """Who signed: a key of the settings (Ed25519), or a certificate that leads to a trusted root. Raises Refusal."""
    signature = signature.strip()[:_MOST_SIGNATURE]
    try:
        if signature.startswith(_ED25519):
            keys = settings.TAKEOVER_PUBLIC_KEYS
            return check_signature(content, signature.decode("ascii", "replace"), public_keys=keys)
        roots = Path(settings.DSC_ROOTS)
        signed = read_upload("signed_text", [content], signature, roots=roots, at=at)
    except (EprocForged, Unreadable) as error:
        raise _unusable("unsigned") from error
    if not (signed.fits and signed.trusted):
        raise _unusable("unsigned")
    return f"{signed.holder} ({signed.issuer}, {signed.serial})"[:200]


@transaction.atomic
def _take(
    file: taken.TakeoverFile, sha256: str, file_name: str, signer: str, content: bytes, *, by: Actor, at: datetime
) -> Takeover:
    if Takeover.objects.filter(reference=file.reference).exists():
        raise _unusable("taken", reference=file.reference)
    if faults := _faults(file, at=at):  # somebody may have been quicker
        raise _unusable("faulty", n=len(faults), line=faults[0].line)
    uploads.keep(content, at=at)
    place = TakenPlace(file, by=by, at=at)
    leases = [take_settlement(row, place) for row in file.of(taken.Settlement)]
    if odd := problems():
        raise _unusable("unbalanced", found=str(odd[0])[:120])
    row = Takeover.objects.create(
        reference=file.reference,
        district=file.district,
        balances_on=file.balances_on,
        sha256=sha256,
        file_name=file_name[-160:],
        signed_by=signer,
        settlements=[lease.number for lease in leases],
        paid_paise=file.paid_paise,
        balances=balances_of(file),
        taken_at=at,
        taken_by=by.user_id,
    )
    facts = {"reference": row.reference, "sha256": sha256, "signed_by": signer, "settlements": row.settlements}
    log_action("lease.file_taken_over", subject=("takeover", str(row.pk)), by=by, at=at, facts=facts)
    return row
