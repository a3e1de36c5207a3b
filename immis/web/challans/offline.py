"""The check that anybody installs on a phone: one page, its worker and its manifest; it works with no network."""

from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from immis import clock
from immis.challans.signed.words import REASONS
from immis.rules.policy import NotInForce, book
from immis.web.challans.words import HEADLINES
from immis.web.shell.request.installed import InstalledPage
from immis.web.shell.request.middleware import content_security_policy
from immis.web.shell.views import PUBLIC, page

_SCANNING = ("script-src 'self'", "script-src 'self' 'wasm-unsafe-eval'")


def scanning_policy() -> str:
    """The policy of a page that reads QRs itself: WebAssembly may run there, and nothing else is let through."""
    return content_security_policy().replace(*_SCANNING)


def _answers() -> dict[str, str]:
    return {
        "yes": _("yes"),
        "no": _("no"),
        "unknown": _("cannot be said"),
        "until": _("until {at}"),
        "ended": _("no, it ended {at}"),
        "no_list": _("no list on this phone"),
        "clock_wrong": _("The clock of this phone is wrong: set it and check again."),
        "minutes": _("{count} min old"),
        "hours": _("{count} h old"),
        "days": _("{count} days old"),
        "load": _("{mineral}, {quantity} m³"),
        "load_t": _("{mineral}, {quantity} t"),
        "by_hand": _("weight by hand, order {order}"),
        "istp": _("{number}: transit pass (ISTP) with challan {origin}, ends with it"),
        "way": _("{place}, {km} km"),
        "not_genuine": _("Not genuine"),
    }


def _notes() -> dict[str, str]:
    return {
        "camera": _("Open the camera"),
        "stop_camera": _("Close the camera"),
        "no_camera": _("The camera does not open: take a photo, or type the code."),
        "no_qr": _("The picture shows no QR; go closer and hold still."),
        "several": _("The picture shows several QRs: take one e-challan alone."),
        "no_picture": _("This file is no picture."),
        "no_keys": _("Open this page once with a network: the keys of the department are not on this phone yet."),
        "ready": _("Works without a network. Keys and list: {age}."),
        "waiting": _("{count} checks wait to be sent."),
        "all_sent": _("All checks are sent."),
        "of_another": _("{count} checks of another officer wait on this phone; he sends them after he has logged in."),
        "refused": _("{count} checks were not taken: {why}"),
        "kept": _("Recorded on this phone."),
        "seen_elsewhere": _("The office says: {text}"),
    }


def _own_headlines() -> dict[str, tuple[str, str]]:
    return {
        "clock_behind": ("warn", _("The clock of this phone is wrong")),
        "seen_before": ("warn", _("Look again: this e-challan was shown before")),
        "no_list": ("warn", _("Genuine and in time; whether it was cancelled is not known")),
        "for_the_office": ("warn", _("A number alone proves nothing")),
        "other_plate": ("bad", _("The e-challan of another vehicle: do not let it pass")),
        "issued_offline": ("good", _("Genuine: issued by the ghat in an outage")),
    }


def _own_sentences() -> dict[str, str]:
    return {
        "clock_behind": _(
            "The list of the department is younger than this clock: {age}. Set the clock and check again."
        ),
        "seen_before": _("This phone saw it at {at}. One e-challan is for one load: ask for that of this load."),
        "no_list": _("Open this page once with a network, so that the list of cancelled e-challans comes."),
        "for_the_office": _("Take a photo of the QR; only the office can tell what stands behind a number."),
        "other_plate": _("The plate of the vehicle must be the one on the e-challan."),
    }


def _old_after_hours(at: datetime) -> float:
    try:
        return int(book().value("CH-60", at)) / 60
    except NotInForce:
        return float("inf")


def _ask_again_minutes(at: datetime) -> int:
    try:
        return int(book().value("CH-61", at))
    except NotInForce:
        return 0


def _words(lang: str) -> dict[str, Any]:
    headlines = {reason: (state, str(words)) for reason, (state, words) in HEADLINES.items()}
    return {
        **_answers(),
        **_notes(),
        "headlines": headlines | _own_headlines(),
        "what": {reason: sentence[lang] for reason, sentence in REASONS.items()} | _own_sentences(),
        "old_after_hours": _old_after_hours(clock.now()),
        "ask_again_minutes": _ask_again_minutes(clock.now()),
    }


PHONE_PAGE = InstalledPage(
    template="challans/offline.html",
    name=gettext_lazy("Check an e-challan"),
    address="pass_checker",
    worker_address="pass_worker",
    manifest_address="pass_manifest",
    home="verify",
    scope="/verify",
    script="js/pass/worker.js",
    files=(
        *(
            f"js/pass/{name}.js"
            for name in ("page", "text", "signed", "check", "store", "lists", "read", "shown", "send")
        ),
        *(f"vendor/pass/{name}.js" for name in ("ed25519", "cbor", "idb", "es/share", "es/reader/index")),
        "vendor/pass/zxing_reader.wasm",
    ),
    words=_words,
)


@page(PUBLIC)
def pass_checker(request: HttpRequest, lang: str) -> HttpResponse:
    """The page itself, the same for everybody, so that a phone may keep it (E-118)."""
    response = PHONE_PAGE.page(request, lang, drawn_at=datetime.now(UTC))
    response["Content-Security-Policy"] = scanning_policy()
    return response


@page(PUBLIC)
def pass_worker(request: HttpRequest) -> HttpResponse:
    return PHONE_PAGE.worker(request)


@page(PUBLIC)
def pass_manifest(request: HttpRequest) -> HttpResponse:
    return PHONE_PAGE.manifest()
