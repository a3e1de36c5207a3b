"""The register of devices: list, onboarding, one device with test, faults, announced work (A-14, A-30, E-157)."""

from datetime import datetime
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from immis import clock
from immis.core.grants import may
from immis.registry import devices as register
from immis.rules.policy import book
from immis.tracking import devices as tracking
from immis.web.shell import wording
from immis.web.shell.acts import PageActs
from immis.web.shell.tables import Column, ListPage, Table, list_response, to
from immis.web.shell.views import page
from immis.web.tracking import words as device_words
from immis.web.tracking.device_record import device_chip, record_of
from immis.web.tracking.office_commands import command_items
from immis.web.tracking.office_faults import fault_items
from immis.web.tracking.office_phones import phone_card

_A_PAGE = 50


class RegisterFilter(forms.Form):
    """Which devices to show."""

    q = forms.CharField(label=gettext_lazy("Vehicle, IMEI or vendor"), required=False, max_length=40)
    silent = forms.ChoiceField(label=gettext_lazy("Silent"), required=False)
    vendor = forms.ChoiceField(label=gettext_lazy("Vendor"), required=False)
    concern = forms.ChoiceField(
        label=gettext_lazy("With"),
        required=False,
        choices=[
            ("", gettext_lazy("all")),
            ("certificate", gettext_lazy("certificate that ends")),
            ("sim", gettext_lazy("doubtful SIM")),
            ("fault", gettext_lazy("open fault")),
            ("phone", gettext_lazy("a phone instead")),
        ],
    )

    def __init__(self, *args: Any, lists: list[int], vendors: list[str], **kwargs: Any):
        super().__init__(*args, **kwargs)
        every = [("", gettext_lazy("all"))]
        self.fields["silent"].choices = every + [(str(days), _("%(n)d days and more") % {"n": days}) for days in lists]
        self.fields["vendor"].choices = every + [(vendor, vendor) for vendor in vendors]

    def chosen(self) -> dict[str, Any]:
        payload = self.cleaned_data if self.is_valid() else {}
        return {
            "text": payload.get("q", ""),
            "silent": int(payload.get("silent") or 0),
            "vendor": payload.get("vendor", ""),
            "concern": payload.get("concern", ""),
        }


@page("device.read")
def devices(request: HttpRequest) -> HttpResponse:
    """The register by its filters, with the lists of silence; exported as it is filtered."""
    at = clock.now()
    lists = [int(days) for days in book().value("DEV-09", at)]
    form = RegisterFilter(request.GET, lists=lists, vendors=tracking.vendors(request.actor))
    rows = tracking.device_rows(request.actor, at=at, **form.chosen())
    everyone, counts = tracking.silence_counts(request.actor, at=at)
    more = {
        "counts": counts,
        "all": everyone,
        "keeper": may(request.actor, "device.fit"),
        "office": may(request.actor, "device.oversee"),
    }
    return list_response(request, _table(), rows, ListPage(form=form, template="tracking/devices.html", more=more))


def _table() -> Table:
    columns = [
        Column(_("Vehicle"), lambda row: row.registration or "—", link=to("device", "imei")),
        Column("IMEI", "imei"),
        Column("ICCID", "iccid", on="file"),
        Column(_("Vendor"), "vendor", under=True),
        Column(_("Model"), "model", under=True),
        Column(_("phone"), lambda row: ("warn", _("phone")) if row.phone else None, "chip", under=True),
        Column(_("State"), device_chip, "chip", on="page"),
        Column(_("Certificate"), "certificate_until", "day"),
        Column(_("Last heard"), "heard_at", "at"),
        Column("", "heard_at", "since", under=True, on="page"),
        Column(_("Silent (days, list)"), "silent_days", on="file"),
        Column(_("SIM score (of 3)"), lambda row: None if row.phone else row.score, "number"),
        Column(_("Open faults"), "open_faults", "number"),
    ]
    hint = _("Devices appear when they are entered with their vehicle, or when the filters are wider.")
    return Table("devices", _("GPS devices"), columns, (_("No device here"), hint))


@page("device.fit")
def device_new(request: HttpRequest) -> HttpResponse:
    """Onboarding: a device with its papers is fitted to a vehicle, or takes the place of another (DEV-01…DEV-04)."""
    initial = {"registration": request.GET.get("vehicle", "")[:16]}
    acts = PageActs(request, "device", None, place="new", at=clock.now()).alone("onboard", initial)
    if request.method == "POST" and (answer := acts.take()):
        return answer
    return render(request, "tracking/device_new.html", {"acts": acts}, status=acts.status)


def _own(request: HttpRequest, imei: str) -> Any:
    return tracking.device_of(request.actor, imei)


def _acts(request: HttpRequest, own: Any, at: datetime) -> PageActs:
    home = reverse("device", args=[own.imei])
    return PageActs(request, "device", own, place="device", at=at, home=home)


def _one_act(request: HttpRequest, imei: str, word: str) -> HttpResponse:
    """The page of one act on a device."""
    own = _own(request, imei)
    acts = _acts(request, own, clock.now()).alone(word)
    if request.method == "POST" and (answer := acts.take()):
        return answer
    return render(request, "tracking/device_act.html", {"device": own, "acts": acts}, status=acts.status)


@page("device.read")
def device(request: HttpRequest, imei: str) -> HttpResponse:
    """One device: papers, scorecard, pairing test, faults, announced work, and the vehicles that it was in."""
    at = clock.now()
    own = _own(request, imei)
    acts = _acts(request, own, at)
    if request.method == "POST" and (answer := acts.take()):
        return answer
    row = tracking.row_of(own, at=at)
    scores = tracking.scores_of(own, at=at)
    test = tracking.last_test(own)
    context = {
        "device": own,
        "row": row,
        "signs": [(str(word), row.signs[sign]) for sign, word in device_words.SIGNS.items()],
        "frames": scores.frames,
        "scores": device_words.score_rows(scores),
        "test": _test(test, at) if test else None,
        "fittings": register.fittings_of(device=own),
        "changes": register.fittings_of(vehicle=own.vehicle) if own.vehicle else [],
        "faults": fault_items(request, imei),
        "services": [_service(window, at) for window in register.services_of(own)],
        "network": tracking.last_network(own),
        "phone": phone_card(own),
        "commands": command_items(own),
        "keeper": may(request.actor, "device.fit"),
        "office": may(request.actor, "device.oversee"),
        "acts": acts,
    }
    context["record"] = record_of(request.actor, own, context, at=at)
    return render(request, "tracking/device.html", context, status=acts.status)


def _test(test: Any, at: datetime) -> dict[str, Any]:
    state = tracking.test_state(test, at=at)
    drawn, title, hint = device_words.OUTCOMES[state["outcome"]]
    heard = state.get("heard_at")
    return {
        "state": drawn,
        "title": str(title),
        "hint": str(hint),
        "over": state["over"],
        "begun_at": test.begun_at,
        "until": wording.clock_time(test.until),
        "heard": f"{_('Last packet')}: {wording.clock_time(heard)}" if heard else "",
        "sms": str(device_words.SMS.get(tracking.sms_state(test), "")),
    }


def _service(window: Any, at: datetime) -> dict[str, Any]:
    if window.cancelled_at:
        chip = ("plain", _("called off"))
    elif window.ends_at <= at:
        chip = ("good", _("over"))
    else:
        chip = ("warn", _("now")) if window.begins_at <= at else ("info", _("announced"))
    return {"window": window, "chip": chip, "open": not window.cancelled_at and window.ends_at > at}


@page("device.read")
def device_test(request: HttpRequest, imei: str) -> HttpResponse:
    """Begin the pairing test with POST; GET answers how it stands, for the page that waits."""
    own, at = _own(request, imei), clock.now()
    if request.method == "POST":
        acts = _acts(request, own, at)
        acts.default = "test"
        return acts.take() or redirect("device", imei)
    test = tracking.last_test(own)
    body = _test(test, at) if test else {"over": True}
    return JsonResponse({name: value for name, value in body.items() if name != "begun_at"})


@page("device.announce_service")
def device_service(request: HttpRequest, imei: str) -> HttpResponse:
    """Announce work on a device (DEV-07), or call it off."""
    return _one_act(request, imei, "cancel_service" if "cancel" in request.POST else "service")


@page("device.remove")
def device_remove(request: HttpRequest, imei: str) -> HttpResponse:
    """Take a device out of its vehicle; its history stays."""
    return _one_act(request, imei, "remove") if request.method == "POST" else redirect("device", imei)


@page("device.command")
def device_command(request: HttpRequest, imei: str) -> HttpResponse:
    """Send a device a command; it waits until the device is on line."""
    return _one_act(request, imei, "command")


@page("device.report_fault")
def device_fault(request: HttpRequest, imei: str) -> HttpResponse:
    """Report a fault of a device, by its owner or an office; who reads no tickets stays here."""
    answer = _one_act(request, imei, "fault")
    stays = answer.status_code == 302 and not may(request.actor, "device.read_faults")
    return redirect("device_fault", imei) if stays else answer


@page("device.oversee")
def device_scores(request: HttpRequest) -> HttpResponse:
    """Scorecards of devices, or of models, the worst first (A-30)."""
    at, by_model = clock.now(), request.GET.get("by") == "model"
    rows = tracking.scorecards(request.actor, at=at, by_model=by_model)
    more = {"by_model": by_model, "days": book().value("DEV-11", at)["days"], "office": True}
    return list_response(request, _scorecards(by_model), rows, ListPage(template="tracking/scores.html", more=more))


def _scorecards(by_model: bool) -> Table:
    if by_model:
        who = [
            Column(_("Vendor"), lambda row: row[0]["vendor"]),
            Column(_("Model"), lambda row: row[0]["model"], under=True),
            Column(_("Devices"), lambda row: row[1].devices, "number", under=True, named=True),
        ]
    else:
        page_of = to("device", lambda row: row[0]["imei"])
        who = [
            Column("IMEI", lambda row: row[0]["imei"], on="file"),
            Column(_("Vehicle"), lambda row: row[0]["registration"] or row[0]["imei"], link=page_of, on="page"),
            Column(_("Vehicle"), lambda row: row[0]["registration"], on="file"),
            Column(_("Devices"), lambda row: row[1].devices, on="file"),
        ]
    frames = Column(_("Frames"), lambda row: row[1].frames, "number")
    columns = [*who, frames, *(column for name in device_words.MEASURES for column in _measure(name))]
    empty = (_("No device here"), _("Scorecards appear when devices of the register report."))
    return Table("device-scores", _("Scorecards"), columns, empty)


_MEASURE_UNITS = {"bad_percent": "%", "no_fix_percent": "%", "clock_s": "s", "silent_h": "h"}


def _measure(name: str) -> list[Column]:
    """A measure of a scorecard: with its grade on the page, as a plain figure in the file."""

    def graded(row: Any) -> tuple[str, str]:
        return row[1].grades[name], device_words.measure(name, getattr(row[1], name))

    def figure(row: Any) -> float | None:
        return None if getattr(row[1], name) is None else round(getattr(row[1], name), 2)

    label, unit = str(device_words.MEASURES[name]), _MEASURE_UNITS.get(name, "")
    return [Column(label, graded, "chip", on="page"), Column(label, figure, unit=unit, on="file")]
