"""An auction held on E-Proc: its signed export comes as a file and over the API, and becomes the settlement."""

import re

import pytest

from tests.doors import Programme, button, codes_in, desk, elsewhere, eproc, notice_text, words_of

RESERVE, RELEASE = 6885000, "002409"


@pytest.mark.row("A-03", "A-05")
def test_a_signed_result_of_e_proc_becomes_the_settlement_without_keying_it_again(page, api, clock, installation):
    officer, programme = page("mdo"), Programme.after(clock.now().date())
    given = {"file": ("notice.txt", elsewhere(notice_text(programme, RELEASE)).encode(), "text/plain")}
    report = officer.send(officer.open("/office/notices/"), lambda form: "file" in form.files, files=given)
    notice = officer.send(report, button("act", "import"), {"act": "import"})
    lots = dict(sorted(re.findall(r'id="row-(\d)".*?/office/auctions/([\w-]+)/', notice.text, re.S)))
    room = page().open(f"/auctions/{lots['1']}/").text
    block = re.findall(r'href="/ghats/([\w-]+)/"', room)[0]

    def export(reference, **stated):
        reserves = {1: RESERVE, 2: 6930000}
        return eproc.export_of(programme, f"PR {RELEASE}", reserves, reference=reference, **stated)

    def hand_in(content, signature):
        files = {
            "file": ("EP-1.json", content, "application/json"),
            "signature": ("EP-1.json.sig", signature.encode(), "text/plain"),
        }
        return officer.send(
            officer.open("/office/eproc/"), lambda form: "file" in form.files, files=files, lawful=False
        )

    wrong = export("EP-1", ghat_1=RESERVE)
    unsigned = hand_in(wrong, eproc.signature_of(wrong + b" "))
    assert unsigned.status_code == 409 and "EPR-05" in codes_in(unsigned.text)
    differing = hand_in(wrong, eproc.signature_of(wrong))
    assert "EPR-02" in codes_in(differing.text) and "amount: ₹ 68,85,000 stated" in words_of(differing.text)
    assert differing.text.count('name="seen"') == 1  # the other ghat agrees
    refused = page("kaushiki").open(f"/bidder/lots/{lots['1']}/")
    assert "EPR-06" in codes_in(refused.text) and "is held on E-Proc" in words_of(refused.text)
    clock.until("the difference is a task", lambda: desk(officer, "TRG-20", "EP-1"))

    clock.to(programme.at("auction", 13, 1))
    with eproc.serving("EP-2", export("EP-2")) as address:
        settings = {"IMMIS_EPROC_URL": address, "IMMIS_EPROC_SHARED_KEY": eproc.KEY}
        assert installation.immis("eproc", "pull", "--json", **settings).json == {"new": 1}
        assert installation.immis("eproc", "pull", "--json", **settings).json == {"new": 0}
    listed = officer.open("/office/eproc/").text
    corrected = officer.open(re.findall(r'href="(/office/eproc/\d+/)"[^>]*>(?:<span[^>]*>)?EP-2<', listed)[0])
    shown = words_of(corrected.text)
    assert "Kosi Minerals" in shown and "₹ 75,73,500" in shown and "E1B002" in shown and "₹ 17,21,250" in shown
    officer.send(corrected, lambda form: "seen" in form.choices, lawful=False)  # no earnest money was seen
    assert settled(api, block) is None
    seen = re.findall(r'name="seen" value="(\d+)"', corrected.text)
    taken = officer.send(corrected, lambda form: "seen" in form.choices, {"seen": seen[0]})
    assert "1 result is taken over" in words_of(taken.text)
    lease = clock.until("the settlement is open", lambda: settled(api, block))
    assert lease["bid_rupees"] == 7573500
    assert "EPR-06" in codes_in(page().open(f"/auctions/{lots['2']}/").text)  # not ticked: still open
    assert "Kosi Minerals" in words_of(officer.open(f"/office/leases/{lease['code']}/").text)
    clock.until("nothing is left of the first export", lambda: not desk(officer, "TRG-20", "EP-1"))


def settled(api, block):
    return next((row for row in api("mdo").get("/api/v1/leases") if row["block"] == block), None)
