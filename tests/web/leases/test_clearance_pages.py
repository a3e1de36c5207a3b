"""The page of a settlement's clearances as office and settlee get it, and the documents behind it."""

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from immis.leases import selectors
from immis.leases import services as path
from immis.leases.models import ClearanceVersion
from tests.settlement import india, treasury, world

__all__ = ["treasury", "world"]
PDF = b"%PDF-1.7\n% an order\n"


@pytest.fixture
def lease(world, data_dir, at):
    made = world.mining()
    at.set(india("2026-08-02"))
    return made


def text(answer) -> str:
    return answer.content.decode()


def order(**more) -> dict:
    form = {"act": "version", "kind": "ec", "reference": "EC/2", "granted_on": "2026-08-01",
            "valid_until": "2026-08-20", "quantity_m3": "60000"}  # fmt: skip
    return {**form, "document": SimpleUploadedFile("ec.pdf", PDF), **more}


def test_the_office_records_a_newer_order_with_its_document(client, world, lease):
    client.force_login(world.users["mdo"])
    url = f"/leases/{lease.number}/clearances/"
    page = text(client.get(url))
    assert "नया आदेश दर्ज करें" in page and "परिवेश पर प्रस्ताव संख्या" in page and "जल संसाधन" in page
    page = text(client.post(url, order(), follow=True))
    assert "EC/2" in page and "नए आदेश से प्रतिस्थापित" in page and "60,000" in page and "SHA-256" in page
    sha256 = ClearanceVersion.objects.get(reference="EC/2").document["sha256"]
    paper = client.get(f"/leases/{lease.number}/papers/{sha256}")
    assert b"".join(paper.streaming_content) == PDF and "sandbox" in paper["Content-Security-Policy"]
    assert client.get(f"/leases/{lease.number}/papers/{'0' * 64}").status_code == 404


def test_what_is_refused_names_its_clause_and_keeps_nothing(client, world, lease):
    client.force_login(world.users["mdo"])
    url = f"/leases/{lease.number}/clearances/"
    answer = client.post(url, order(document=SimpleUploadedFile("ec.pdf", b"MZ")))
    assert answer.status_code == 409 and "/law/LSE-32/" in text(answer)
    assert client.post(url, order(granted_on="2026-08-03")).status_code == 409
    again = client.post(url, order(granted_on="no day"))
    assert again.status_code == 422 and 'value="EC/2"' in text(again)
    assert ClearanceVersion.objects.count() == 3


def test_the_settlee_reads_and_does_not_record(client, world, lease):
    client.force_login(world.users["settlee"])
    url = f"/leases/{lease.number}/clearances/"
    page = text(client.get(url))
    assert "ec/1" in page and "नया आदेश दर्ज करें" not in page
    client.post(url, order())
    assert ClearanceVersion.objects.count() == 3
    client.force_login(world.users["other"])
    assert client.get(url).status_code == 404


def test_a_clearance_that_ran_out_is_told_on_every_page_of_the_settlement(client, world, lease, at):
    path.add_version(
        lease=lease,
        kind="ec",
        grant=path.ClearanceGrant(granted_on=date(2026, 8, 1), valid_until=date(2026, 8, 20), reference="EC/2"),
        by=world.district,
        at=at(),
    )
    at.set(india("2026-08-21", "00:00:00"))
    client.force_login(world.users["settlee"])
    assert "स्वीकृति की वैधता समाप्त" in text(client.get(f"/settlee/leases/{lease.number}/"))
    refused = text(client.get(f"/settlee/leases/{lease.number}/challans/new/"))
    assert "/law/HLD-20/" in refused
    assert "वैधता समाप्त" in text(client.get(f"/leases/{lease.number}/clearances/"))


def test_water_permission_and_proposal_number(client, world, lease):
    client.force_login(world.users["mdo"])
    url = f"/leases/{lease.number}/clearances/"
    page = text(client.post(url, {"act": "water", "on": "2026-08-01", "reference": "W/1"}, follow=True))
    assert "आवेदन लंबित" in page
    page = text(
        client.post(url, {"act": "answer", "on": "2026-08-02", "answer": "no", "reference": "W/2"}, follow=True)
    )
    assert "अस्वीकृत" in page and "W/2" in page
    number = "SIA/BR/MIN/450001/2026"
    page = text(client.post(url, {"act": "proposal", "kind": "ec", "number": number}, follow=True))
    assert number in page and "परिवेश से संपर्क स्थापित नहीं है" in page
    assert client.post(url, {"act": "proposal", "kind": "ec", "number": "<b>x</b>"}).status_code == 409
    assert selectors.clearances_of(lease)["water"].refused_on == date(2026, 8, 2)


@pytest.mark.flow
def test_a_plan_names_its_accredited_person(client, world, at):
    """E-088: by an RQP whose accreditation holds on the day of submission."""
    made = world.with_loi()
    at.set(india("2026-06-19"))
    client.force_login(world.users["mdo"])
    numbers = []
    for name, until in (("Arun Kumar", "2026-12-31"), ("Old Hand", "2026-06-19")):
        accreditation = {"name": name, "accreditation_no": f"NABET/{name[0]}", "accredited_by": "qci_nabet"}
        answer = client.post("/registers/rqps/new/enter/", {**accreditation, "valid_until": until})
        assert answer.status_code == 302, text(answer)
        numbers.append(answer["Location"].rstrip("/").rsplit("/", 1)[-1])
    at.set(india("2026-06-20"))
    url = f"/office/leases/{made.number}/"
    assert "Arun Kumar · NABET/A" in text(client.get(url))
    plan = {"act": "plan_applied", "on": "2026-06-20"}
    over = client.post(url, {**plan, "rqp": numbers[1]})
    assert over.status_code == 409 and "/law/LSE-78/" in text(over) and not made.clearances.exists()
    assert client.post(url, {**plan, "rqp": numbers[0]}).status_code == 302
    assert made.clearances.get().prepared_by == numbers[0]
    assert f"Arun Kumar · {numbers[0]}" in text(client.get(f"/leases/{made.number}/clearances/"))


def test_a_plan_that_names_nobody_is_received_with_a_warning(client, world, at):
    made = world.with_loi()
    at.set(india("2026-06-20"))
    client.force_login(world.users["mdo"])
    sent = {"act": "plan_applied", "on": "2026-06-20", "rqp": ""}
    page = text(client.post(f"/office/leases/{made.number}/", sent, follow=True))
    assert made.clearances.get().prepared_by == "" and "RQP" in page and "का नाम नहीं है" in page
