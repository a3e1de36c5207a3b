"""The auctions that everybody may watch: the list, the auction room, and the bid of a bidder."""

import secrets
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from immis import clock
from immis.auctions import selectors
from immis.auctions.services import BidAnswer, BidRefused
from immis.core.acts import ACTS, Offer
from immis.core.errors import Refusal
from immis.rules.catalogue import Finding
from immis.rules.policy import book
from immis.rules.writing.numbers import number_in_words, rupees_in_words
from immis.web.shell import wording
from immis.web.shell.acts import ActForm
from immis.web.shell.exports import wanted_format
from immis.web.shell.tables import Column, table_response
from immis.web.shell.tags import law_url
from immis.web.shell.views import PUBLIC, page, wants_json

_LOG_ROWS = 30


_DONE = {"pause": "paused", "resume": "resumed", "reschedule": "rescheduled", "abort": "aborted"}


def phase_words() -> dict[str, str]:
    """The phases of a lot in the reader's language."""
    return {
        "upcoming": _("Upcoming"),
        "running": _("Bidding is open"),
        "paused": _("Bidding is paused"),
        "closed": _("Bidding over"),
    }


def result_words() -> dict[str, tuple[str, str]]:
    """How a lot ended: chip state and words."""
    return {
        "sold": ("good", _("Highest bidder found")),
        "single_bid": ("bad", _("Single tender: re-tender")),
        "no_bids": ("bad", _("No bid: auction failed")),
        "aborted": ("bad", _("Cancelled by order")),
        "open": ("plain", _("Bidding over")),
    }


def extended_words(opens_at: datetime, *, over: bool = False) -> str:
    """By how much the one extension of a lot moved its end (AUC-03), as news or ``over``, as history."""
    minutes = int(book().value("AUC-03", opens_at)["extension_minutes"])
    hours, rest = divmod(minutes, 60)
    if rest:
        news = ngettext("Time extended by %(n)s minute", "Time extended by %(n)s minutes", minutes)
        past = ngettext("after one extension by %(n)s minute", "after one extension by %(n)s minutes", minutes)
    else:
        news = ngettext("Time extended by %(n)s hour", "Time extended by %(n)s hours", hours)
        past = ngettext("after one extension by %(n)s hour", "after one extension by %(n)s hours", hours)
    return (past if over else news) % {"n": minutes if rest else number_in_words(hours, wording.lang())}


def lot_chip(state: selectors.LotState, outcome: selectors.Outcome | None = None) -> tuple[str, str]:
    """A lot's phase as a chip: state and word."""
    if state.phase == "running":
        return ("warn", extended_words(state.opens_at)) if state.extended else ("warn", phase_words()["running"])
    if state.phase == "closed":
        return result_words()[outcome.result if outcome else state.result]
    if state.phase == "paused":
        return ("bad", phase_words()["paused"])
    return ("plain", phase_words()["upcoming"])


def own_chip(
    state: selectors.LotState, outcome: selectors.Outcome | None, position: selectors.Position
) -> tuple[str, str]:
    """The same before a bidder: once a highest bidder is found, whether it is he."""
    if state.phase == "closed" and outcome and outcome.result == "sold" and position.technical == "passed":
        return ("good", _("Your bid was the highest")) if position.leads else ("plain", _("Another bid was higher"))
    return lot_chip(state, outcome)


def _clock_data(at: datetime) -> dict[str, Any]:
    running = clock.course()
    return {"now": at.isoformat(), "rate": running.rate if running else 1, "simulated": running is not None}


def _time_left(state: selectors.LotState, at: datetime) -> dict[str, Any]:
    """What the clock of the room counts down to, and how much is left as ``hh:mm:ss``."""
    goal = state.opens_at if state.phase == "upcoming" else state.ends_at
    seconds = max(0, int((goal - at).total_seconds()))
    hours, rest = divmod(seconds, 3600)
    return {"goal": goal, "text": f"{hours:02d}:{rest // 60:02d}:{rest % 60:02d}", "seconds": seconds}


def _offers(state: selectors.LotState) -> list[dict[str, Any]]:
    words = state.next_words[wording.lang()]
    return [
        {"steps": steps, "amount": amount, "words": word}
        for (steps, amount), word in zip(state.next_amounts, words, strict=True)
    ]


def _terms(lot: Any) -> dict[str, Any]:
    """The settings that decide doubts, shown in the room as they stand for this lot."""
    on = lot.opens_at
    cap = book().value("AUC-06", on)
    return {
        "first_at_reserve": book().value("AUC-01", on)["first_at_reserve"],
        "percent": book().value("AUC-01", on)["percent"],
        "extension": book().value("AUC-03", on),
        "extended": extended_words(on),
        "after_extension": extended_words(on, over=True),
        "security_days": int(book().value("LSE-01", lot.ends_at, district=lot.block.district)),
        "may_raise": book().value("AUC-05", on)["own_highest_may_raise"],
        "confirm_above": book().value("AUC-11", on)["confirm_above_steps"],
        "cap": {
            "blocks": number_in_words(cap["blocks"], wording.lang()),
            "area": cap["area_ha"],
            "rivers": number_in_words(len(cap["rivers"]), wording.lang()),
        },
        "cap_applies": lot.block.river in cap["rivers"],
        "river_known": bool(lot.block.river),
    }


def room_context(request: HttpRequest, lot: Any, *, answer: BidAnswer | None = None) -> dict[str, Any]:
    """Everything that the auction room shows to this reader now."""
    at = clock.now()
    state = selectors.lot_state(lot, at)
    outcome = None if lot.mock else selectors.outcome_of(lot, at)  # a mock auction has no result
    position = selectors.my_position(lot, request.actor.party_id, at)
    return {
        "lot": lot,
        "state": state,
        "chip": own_chip(state, outcome, position),
        "outcome": outcome,
        "left": _time_left(state, at),
        "offers": _offers(state),
        "position": position,
        "log": [_log_row(row) for row in selectors.bid_log(lot, request.actor, at)],
        "terms": _terms(lot),
        "clock": _clock_data(at),
        "key": secrets.token_hex(16),
        "command": f"immis auction verify {lot.code}.json",
        "audit": f"auctions/{lot.code}.json" if outcome and outcome.announced_at else "",
        "orders": [{"order": order, "act": log_words()[_DONE[order.act]]} for order in selectors.orders_on(lot)],
        "beat_s": book().value("AUC-45", lot.opens_at)["beat_seconds"],
        "answer": answer,
    }


@page(PUBLIC)
def auction_room(request: HttpRequest, code: str) -> HttpResponse:
    """One auction, live: highest bid, time left, and for its bidders the step buttons."""
    lot = selectors.lot_of(code)
    if wanted_format(request):
        log = selectors.bid_log(lot, request.actor, clock.now())
        return table_response(request, columns=_log_columns(), rows=log, name=f"auction-{lot.code}")
    return render(request, "auctions/room.html", room_context(request, lot))


def log_words() -> dict[str, str]:
    """What the lines of the public log are called."""
    return {
        "bid_accepted": _("Bid"),
        "extended": _("Time extended"),
        "paused": _("Bidding is paused"),
        "resumed": _("Bidding goes on"),
        "rescheduled": _("Times changed by corrigendum"),
        "aborted": _("Cancelled by order"),
    }


def _log_columns() -> list[Column]:
    kinds = log_words()
    return [
        Column(_("No."), "number"),
        Column(_("Time"), lambda row: row.at.astimezone(clock.INDIA).strftime("%d.%m.%Y %H:%M:%S.%f")[:-3]),
        Column(_("Entry"), lambda row: kinds[row.kind]),
        Column(_("Amount"), "amount_rupees", "rupees"),
        Column(_("Ends"), "ends_at", "at"),
    ]


def _log_row(row: selectors.LogRow) -> dict[str, Any]:
    return {
        "number": row.number,
        "time": time_of_day(row.at),
        "kind": row.kind,
        "word": "" if row.kind == "bid_accepted" else log_words()[row.kind],
        "amount": row.amount_rupees,
        "ends": time_of_day(row.ends_at) if row.ends_at else "",
        "own": row.own,
    }


def time_of_day(at: datetime) -> str:
    """A time of day in India with its seconds, as a log shows it."""
    return at.astimezone(clock.INDIA).strftime("%H:%M:%S")


@page(PUBLIC)
def auction_state(request: HttpRequest, code: str) -> JsonResponse:
    """The state of one auction for its room: what live events carry, the log, and the reader's own position."""
    lot, at = selectors.lot_of(code), clock.now()
    position = selectors.my_position(lot, request.actor.party_id, at)
    body = {
        **asdict(selectors.lot_state(lot, at)),
        **_clock_data(at),
        "log": [_log_row(row) for row in selectors.bid_log(lot, request.actor, at)[:_LOG_ROWS]],
        "position": {"leads": position.leads, "own": position.own_highest_rupees} if position.technical else None,
    }
    return JsonResponse(body)


@page("lot.bid")
def auction_bid(request: HttpRequest, code: str) -> HttpResponseBase:
    """One bid. It is acknowledged only after it is kept; the same key always gets the same answer."""
    lot = selectors.lot_of(code)
    if request.method != "POST":  # the language was changed on the page of the second question
        return redirect("auction_room", code=lot.code)
    form = ActForm(Offer(ACTS["lot.bid"], lot, request.actor, clock.now()), request.POST)
    if not form.is_valid():
        messages.error(request, _("The bid could not be read. Choose one of the amounts offered."))
        return redirect("auction_room", code=lot.code)
    try:
        answer = form.perform(request)
    except BidRefused as refused:
        answer = refused.answer
    except Refusal as refusal:
        if [finding.code for finding in refusal.findings] == ["AUC-11"] and not form.cleaned_data["confirmed"]:
            return _ask_again(request, lot, form.cleaned_data, refusal)
        raise
    return _answered(request, lot, answer)


def _ask_again(request: HttpRequest, lot: Any, sent: dict[str, Any], refusal: Refusal) -> HttpResponse:
    """The second question before a jump: the sum in figures and in words."""
    if wants_json(request):
        return JsonResponse({"confirm": True}, status=409)
    state = selectors.lot_state(lot, clock.now())
    base = sent["expected"] or state.reserve_rupees
    amount = base + sent["steps"] * state.increment_rupees
    context = {"lot": lot, "sent": sent, "amount": amount, "base": base, "finding": refusal.findings[0]}
    return render(request, "auctions/confirm.html", context, status=409)


def _refusal(finding: Finding, on: datetime) -> dict[str, str]:
    """Why a bid does not count, with the clause as it is cited and where it can be read."""
    value = book().at(finding.code, on)
    law = {"clause": wording.citation(value.cites), "url": law_url(finding.code)}
    return {"code": finding.code, "message": wording.say(finding), **law}


def _answered(request: HttpRequest, lot: Any, answer: BidAnswer) -> HttpResponse:
    if wants_json(request):
        findings = [_refusal(finding, lot.opens_at) for finding in answer.findings]
        body = {
            "accepted": answer.accepted,
            "amount": answer.amount_rupees,
            "findings": findings,
            "key": secrets.token_hex(16),
        }
        return JsonResponse(body, status=200 if answer.accepted else 409)
    if answer.accepted:
        text = _("Your bid of %(amount)s is accepted (%(words)s).")
        words = {
            "amount": wording.rupees(answer.amount_rupees),
            "words": rupees_in_words(answer.amount_rupees, wording.lang()),
        }
        messages.success(request, text % words)
        return redirect(reverse("auction_room", args=[lot.code]))
    lot.refresh_from_db()
    return render(request, "auctions/room.html", room_context(request, lot, answer=answer), status=409)
