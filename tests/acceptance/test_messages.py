"""Messages that arrive: SMS and e-mail after geofencing, their delivery, and what lacks for them (A-09)."""

import csv
import io
import re
from datetime import timedelta

import pytest

from tests.doors import words_of

LEASE, MINUTE = "MUN-2026-07", timedelta(minutes=1)


def delivered(officer, channel):
    """The rows of the log of deliveries about fences, by one channel."""
    log = officer.open(f"/office/deliveries/?channel={channel}&template=MSG-161").text
    return [words_of(row) for row in log.split("<tr")[2:]]


@pytest.mark.row("A-09")
def test_after_geofencing_the_settlee_is_told_by_sms_and_e_mail_and_the_delivery_is_kept(page, clock, road):
    lat, lon = road.middle(LEASE)
    officer = page("mdo")
    given = {
        "name_hi": "Kanta 9", "name_en": "Bridge 9", "kind": "weighbridge", "district": "Munger",
        "corners": f"{lat}, {lon}\n{lat + 0.001}, {lon}\n{lat + 0.001}, {lon + 0.001}",
        "valid_from": f"{clock.now():%Y-%m-%d}", "reason": "Installed", "reference": "NIC/9",
    }  # fmt: skip
    officer.send(officer.open("/fences/new/"), lambda form: "corners" in form.fields, given)
    clock.until("an SMS of the fence goes out", lambda: [row for row in delivered(officer, "sms") if "gateway" in row])
    clock.until("an e-mail goes out", lambda: [row for row in delivered(officer, "email") if "sent" in row])
    clock.to(clock.now() + 2 * MINUTE)
    clock.until("its report is kept", lambda: [row for row in delivered(officer, "sms") if "delivered" in row])
    log = officer.open("/office/deliveries/?channel=sms&template=MSG-161&state=delivered").text
    one = officer.open(re.search(r"/office/deliveries/\d+/", log)[0]).text
    assert "जियो-फेंसिंग" in one or "geofenced" in one
    assert "DELIVERED" in words_of(one)
    phones = page("").open("/training/phones/").text
    number = re.search(r"\?phone=(\d{10})", phones)[1]
    assert number not in log  # shown by its last digits only
    settlee = page("shivam")
    assert "Bridge 9" in words_of(settlee.open("/messages/").text)


@pytest.mark.row("A-09")
def test_without_a_registered_text_no_sms_goes_out_and_headquarters_sees_what_lacks(page):
    office = page("hq")
    first = re.search(r"/office/sms-texts/\d+/", office.open("/office/sms-texts/").text)[0]
    text = office.open(first)
    template = re.search(r"<h1>(MSG-\d+)", text.text)[1]
    office.send(text, lambda form: form.fields.get("act") == "end", {"reason": "inactive (631)", "sure": "on"})
    assert template in words_of(office.open("/office/sms-texts/lacking/").text)
    row = next(csv.DictReader(io.StringIO(office.open("/office/sms-texts/lacking/?format=csv").text.lstrip("\ufeff"))))
    assert row["template"] == template and "{#" in row["text"]
    fields = {**row, "number": "11079", "header": "BHMINE", "text": row["text"] + "."}
    form = office.open("/office/sms-texts/new/")
    refused = office.send(form, lambda form: "template" in form.fields, fields, lawful=False)
    assert "DLT-07" in refused.text
    entered = office.send(form, lambda form: "template" in form.fields, {**fields, "text": row["text"]})
    assert "11079" in entered.text
    assert template not in words_of(office.open("/office/sms-texts/lacking/").text)


@pytest.mark.row("A-09", "E-127")
def test_a_party_chooses_which_messages_come_by_which_way_but_not_those_that_the_law_sends(page, api):
    settlee = page("shivam")
    form = settlee.open("/messages/wish/")
    assert "Geofencing Always by e-mail, SMS" in words_of(form.text)
    chosen = lambda form: "lang" in form.choices  # noqa: E731
    forced = settlee.send(form, chosen, {"sms": "yes", "lang": "hi", "off": "fences:sms"}, lawful=False)
    assert forced.status_code >= 400 and "SMS-08" in forced.text
    kept = settlee.send(form, chosen, {"sms": "yes", "lang": "hi", "off": "money:sms"})
    assert 'value="money:sms" checked' in kept.text and "Chosen at" in words_of(kept.text)
    settlee.send(kept, chosen, {"sms": "yes", "lang": "hi", "off": "complaints:email"})
    again = settlee.open("/messages/wish/").text
    assert 'value="money:sms" checked' not in again and 'value="complaints:email" checked' in again
