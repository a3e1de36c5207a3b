"""The frame of the site as a browser gets it: first page, ghats, the way in, errors, open data, the action log."""

import json
import re
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import connection
from django.urls import reverse

from immis.core.access.permissions import SYSTEM
from immis.core.installation.readiness import CHECKS, Check, Finding
from immis.core.services import log_action
from immis.registry.services import NewBlock, NewParty, add_party, add_user, appoint, open_office, save_block

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 6, 5, 5, 30, tzinfo=UTC)
CORNERS = [[25.309314, 86.324858], [25.312703, 86.326225], [25.311731, 86.329614], [25.308497, 86.328792]]


@pytest.fixture(autouse=True)
def _fresh(at, settings):
    at.set(NOW)
    settings.DEMO = False


@pytest.fixture
def block():
    return save_block(
        block=NewBlock(
            code="MUN-2026-20",
            serial=20,
            block_no="7-C",
            name_en="Test Ghat",
            name_hi="परीक्षण बालूघाट",
            district="munger",
            area_ha=Decimal("15.1"),
            quantity_m3=90600,
            corners=CORNERS,
            river="Ganga",
        ),
        by=SYSTEM,
        at=NOW,
    )


@pytest.fixture
def office():
    return open_office(
        code="munger", kind="district", name_en="Munger Office", name_hi="मुंगेर कार्यालय", district="munger"
    )


@pytest.fixture
def officer(office):
    user = add_user(username="mdo", name_en="Officer", name_hi="पदाधिकारी", password="a long password 1")
    appoint(user=user, office=office, role="district")
    return user


@pytest.fixture
def hq(db):
    user = add_user(username="director", name_en="Director", name_hi="निदेशक", password="a long password 1")
    appoint(user=user, office=open_office(code="hq", kind="hq", name_en="HQ", name_hi="मुख्यालय"), role="hq")
    return user


def text(answer) -> str:
    return answer.content.decode()


# -- first page and ghats


def test_the_first_page_is_hindi_and_lists_every_ghat(client, block):
    page = text(client.get("/"))
    assert '<html lang="hi">' in page and "बिहार के बालूघाट" in page
    assert "20. परीक्षण बालूघाट" in page and 'data-feature="MUN-2026-20"' in page and "90,600\u00a0घन मीटर" in page


def test_english_is_one_click_away_and_stays(client, block):
    answer = client.get("/language?to=en&next=/ghats/MUN-2026-20/")
    assert answer.status_code == 302 and answer["Location"] == "/ghats/MUN-2026-20/"
    page = text(client.get("/"))
    assert '<html lang="en">' in page and "Sand ghats of Bihar" in page and "20. Test Ghat" in page


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "\\\\evil.example"]
)
def test_the_language_switch_leads_nowhere_else(client, elsewhere):
    assert client.get("/language", {"to": "en", "next": elsewhere})["Location"] == "/"


def test_a_wrong_language_changes_nothing(client):
    assert not client.get("/language?to=fr").cookies


def test_search_finds_by_name_number_and_river_and_says_when_there_is_none(client, block):
    for words in ("परीक्षण", "test", "7-c", "ganga MUN"):
        assert "परीक्षण बालूघाट" in text(client.get("/", {"q": words}))
    page = text(client.get("/", {"q": "कोसी"}))
    assert "परीक्षण" not in page and "इन शब्दों से कोई बालूघाट नहीं मिला" in page


def test_the_nearest_ghat_comes_first_with_its_distance(client, block):
    lat, lon = block.corners[0]
    page = text(client.get("/", {"near": f"{lat + 0.05:.3f},{lon:.3f}"}))
    assert "निकटतम घाट पहले" in page and re.search(r"<b>5\.\d\u00a0?\s?किमी</b>\s+सीधी दूरी", page)
    assert "सीधी दूरी" not in text(client.get("/", {"near": "1000,x"})) and "data-near hidden" in page


def test_with_no_ghat_the_page_says_how_they_come(client):
    assert "अभी कोई बालूघाट नहीं" in text(client.get("/"))


def test_the_list_of_ghats_can_be_taken_along(client, block):
    answer = client.get("/?q=test&format=csv")
    assert answer["Content-Type"].startswith("text/csv")
    assert "MUN-2026-20,परीक्षण बालूघाट,Test Ghat,munger,15.1" in answer.content.decode("utf-8-sig")
    assert client.get("/?format=xlsx").content[:2] == b"PK"


def test_a_ghat_shows_corners_in_degrees_and_the_area_that_does_not_agree(client, block):
    page = text(client.get("/ghats/MUN-2026-20/"))
    assert "25°18&#x27;33.53&quot;N" in page and "15.1\u00a0हेक्टेयर" in page
    assert "प्रतिशत का अंतर" in page and "/law/NTC-09/" in page


def test_the_tolerance_of_the_area_is_the_one_of_the_policy(book):
    assert book.entry("NTC-09").title["en"] == "Area agrees with the corners"


def test_an_unknown_ghat_is_not_found_in_words(client):
    answer = client.get("/ghats/XXX-1/")
    assert answer.status_code == 404 and "यह पृष्ठ नहीं है" in text(answer)


def test_ghats_as_geojson_close_their_rings_in_lon_lat(client, block):
    answer = client.get("/data/ghats.geojson?district=munger")
    feature = json.loads(answer.content)["features"][0]
    ring = feature["geometry"]["coordinates"][0]
    assert answer["Content-Type"] == "application/geo+json"
    assert ring[0] == ring[-1] == [86.324858, 25.309314] and len(ring) == 5
    assert feature["properties"]["name_hi"] == "परीक्षण बालूघाट"
    assert json.loads(client.get("/data/ghats.geojson?district=patna").content)["features"] == []


def test_the_map_of_a_ghat_has_its_lettered_corners(client, block):
    features = json.loads(client.get("/ghats/MUN-2026-20/map.geojson").content)["features"]
    assert [f["properties"]["kind"] for f in features] == ["ghat"] + ["corner"] * 4
    assert features[2]["properties"]["id"] == "MUN-2026-20-B"


# -- the way in


def test_login_leads_to_the_days_work_and_is_logged(client, officer, hq):
    answer = client.post("/login", {"username": "mdo", "password": "a long password 1"})
    assert answer.status_code == 302 and answer["Location"] == reverse("desk")
    client.force_login(hq)
    assert "login" in text(client.get("/log/"))


def test_after_login_one_comes_where_one_wanted_to_go(client, officer):
    form = {"username": "mdo", "password": "a long password 1", "next": "/help/"}
    assert client.post("/login", form)["Location"] == "/help/"
    client.post("/logout")
    assert client.post("/login", form | {"next": "https://evil.example/"})["Location"] == reverse("desk")


def test_five_wrong_tries_close_the_name_there_even_for_the_right_password(client, officer):
    wrong = {"username": "mdo", "password": "wrong"}
    assert [client.post("/login", wrong).status_code for _ in range(6)] == [422] * 5 + [429]
    answer = client.post("/login", {"username": "mdo", "password": "a long password 1"})
    assert answer.status_code == 429 and "15 मिनट बाद" in text(answer)
    elsewhere = client.post(
        "/login", {"username": "mdo", "password": "a long password 1"}, headers={"X-Real-IP": "10.0.0.9"}
    )
    assert elsewhere.status_code == 302


def test_a_wrong_name_and_a_wrong_password_read_the_same(client, officer):
    first = text(client.post("/login", {"username": "mdo", "password": "wrong"}))
    second = text(client.post("/login", {"username": "nobody", "password": "wrong"}))
    sentence = "यूजर आई.डी. या पासवर्ड सही नहीं है।"
    assert sentence in first and sentence in second


def test_one_click_logins_are_for_demonstrations_only(client, officer, settings):
    assert "mdo" not in text(client.get("/login"))
    assert client.post("/login/demo", {"username": "mdo"}).status_code == 404
    settings.DEMO = True
    assert 'value="mdo"' in text(client.get("/login"))
    assert client.post("/login/demo", {"username": "mdo"}).status_code == 302
    assert client.post("/login/demo", {"username": "nobody"}).status_code == 404


def test_logging_out_takes_a_form_not_a_link(client, officer):
    client.force_login(officer)
    assert client.get("/logout").status_code == 405
    assert client.post("/logout").status_code == 302
    assert client.get("/log/").status_code == 302


def test_the_frame_shows_who_acts_for_which_office(client, officer):
    client.force_login(officer)
    page = text(client.get("/help/"))
    assert (
        "पदाधिकारी" in page
        and "मुंगेर कार्यालय" in page
        and "लॉग आउट" in page
        and 'class="signed-in role-district"' in page
    )


# -- errors


def test_a_page_of_another_post_says_so(client, officer):
    assert client.get("/log/")["Location"] == "/login?next=/log/"
    client.force_login(officer)
    answer = client.get("/log/")
    assert answer.status_code == 403 and "यह पृष्ठ आपके पद के लिए नहीं है" in text(answer)
    assert client.get("/log/", headers={"Accept": "application/json"}).json() == {"error": "not permitted"}


def test_a_form_without_its_token_is_refused_in_words(officer):
    from django.test import Client

    answer = Client(enforce_csrf_checks=True).post("/login", {"username": "mdo", "password": "x"})
    assert answer.status_code == 403 and "प्रपत्र की अवधि समाप्त हो गई" in text(answer)


def test_an_error_inside_is_told_in_both_languages_without_a_traceback(client, monkeypatch):
    client.raise_request_exception = False
    monkeypatch.setattr("immis.web.portal.public.blocks", lambda **_: 1 / 0)
    answer = client.get("/")
    assert answer.status_code == 500
    assert "अभी यह पृष्ठ नहीं दिखाया जा सका" in text(answer) and "could not be shown" in text(answer)
    assert "ZeroDivision" not in text(answer)


def test_a_refusal_names_the_clause_in_the_readers_language(rf):
    from django.utils import translation

    from immis.core.access.permissions import PUBLIC
    from immis.core.errors import Refusal
    from immis.rules.catalogue import Finding
    from immis.web.shell.views import page

    @page(PUBLIC)
    def view(request):
        raise Refusal(Finding("NTC-09", {"row": 20, "found": "15.1"}))

    request = rf.get("/x", headers={"Referer": "http://testserver/back/"})
    request.actor = PUBLIC
    with translation.override("hi"):
        answer = view(request)
    assert answer.status_code == 409 and "15.1" in text(answer) and "/law/NTC-09/" in text(answer)
    assert 'href="http://testserver/back/"' in text(answer)
    asked = rf.get("/x", headers={"Accept": "application/json"})
    asked.actor = PUBLIC
    assert json.loads(view(asked).content)["findings"][0]["code"] == "NTC-09"


# -- headers


def test_every_answer_carries_the_guarding_headers(client):
    for path in ("/", "/login", "/nope", "/healthz"):
        answer = client.get(path)
        policy = answer["Content-Security-Policy"]
        assert "default-src 'none'" in policy and "'unsafe" not in policy and "frame-ancestors 'none'" in policy
        assert answer["X-Content-Type-Options"] == "nosniff" and answer["X-Frame-Options"] == "DENY"


def test_the_policy_opens_only_for_the_tiles_and_the_treasury(settings):
    from immis.web.shell.request.middleware import content_security_policy

    settings.TILES_URL, settings.TREASURY_URL = "https://tiles.example/{z}/{x}/{y}.png", "https://grn.example/pay"
    rules = dict(part.split(" ", 1) for part in content_security_policy().split("; "))
    assert rules["img-src"] == "'self' data: blob: https://tiles.example"
    assert rules["form-action"] == "'self' https://grn.example" and rules["script-src"] == "'self'"


def test_no_template_has_inline_style_or_script():
    from immis.web import static_dir

    odd = []
    for path in sorted((static_dir().parent / "templates").rglob("*.html")):
        source = path.read_text()
        if re.search(r"<[^>]*\sstyle\s*=", source) or re.search(r"<[^>]*\son[a-z]+\s*=", source) or "<style" in source:
            odd.append(path.name)
        odd += [
            path.name for tag in re.findall(r"<script[^>]*>", source) if "src=" not in tag and "application/" not in tag
        ]
    assert odd == []


def test_colours_of_text_have_contrast():
    source = Path(__file__).resolve().parents[3].joinpath("immis/web/static/css/tokens.css").read_text()
    colour = dict(re.findall(r"--([a-z0-9-]+):\s*(#[0-9a-f]{3,6})", source))

    def light(name: str) -> float:
        code = colour[name].lstrip("#")
        code = "".join(c * 2 for c in code) if len(code) == 3 else code
        parts = [int(code[i : i + 2], 16) / 255 for i in (0, 2, 4)]
        r, g, b = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
        return 0.2126 * r + 0.7152 * g + 0.0722 * b

    def contrast(one: str, other: str) -> float:
        a, b = sorted((light(one), light(other)), reverse=True)
        return (a + 0.05) / (b + 0.05)

    pairs = [
        (ink, ground) for ink in ("ink", "ink-2", "river") for ground in ("paper", "ground", "river-soft", "sand-soft")
    ]
    pairs += [(state, f"{state}-soft") for state in ("good", "warn", "bad", "info")]
    pairs += [("paper", state) for state in ("good", "warn", "bad", "river", "river-strong", "ink-2")]
    assert [pair for pair in pairs if contrast(*pair) < 4.5] == []


# -- state of the service, open data


def test_health_readiness_and_figures(client, block, monkeypatch):
    assert client.get("/healthz").json()["ok"] is True
    assert client.get("/readyz").json() == {"ready": True, "migrations_missing": 0}
    monkeypatch.setitem(CHECKS, "soon", Check("soon", "", "", "", lambda at: Finding("weak"), watched=True))
    assert client.get("/readyz").json() == {"ready": True, "migrations_missing": 0, "warnings": ["soon"]}
    figures = text(client.get("/metrics"))
    assert "immis_blocks 1\n" in figures and re.search(r"^immis_outbox_waiting \d+$", figures, re.M)


def test_not_ready_while_migrations_are_missing(client, monkeypatch):
    monkeypatch.setattr(
        "immis.web.shell.request.health.MigrationExecutor.migration_plan", lambda *_: [("core", "0002")]
    )
    assert client.get("/readyz").status_code == 503


def test_published_files_and_nothing_else(client, settings, tmp_path):
    (tmp_path / "public" / "auctions").mkdir(parents=True)
    (tmp_path / "public" / "auctions" / "MUN-2026-01.json").write_text('{"a": 1}')
    (tmp_path / "public" / ".part").write_text("half")
    (tmp_path / "secret.txt").write_text("key")
    settings.PUBLIC_DIR = tmp_path / "public"
    assert "auctions/MUN-2026-01.json" in text(client.get("/data/"))
    answer = client.get("/data/auctions/MUN-2026-01.json")
    assert b"".join(answer.streaming_content) == b'{"a": 1}' and answer["Access-Control-Allow-Origin"] == "*"
    for name in ("../secret.txt", "%2e%2e/secret.txt", ".part", "auctions", "/etc/passwd", "none.json"):
        assert client.get(f"/data/{name}").status_code == 404


# -- action log


def test_headquarters_reads_filters_exports_and_checks_the_log(client, hq):
    for n in range(3):
        log_action("test.act", subject=("thing", f"T-{n}"), facts={"n": n}, by=SYSTEM, at=NOW)
    client.force_login(hq)
    page = text(client.get("/log/?code=test&subject=T-1&verify=1"))
    assert "T-1" in page and "T-2" not in page and "शृंखला अटूट है" in page
    csv = client.get("/log/?code=test&format=csv").content.decode("utf-8-sig")
    assert csv.count("test.act") == 3
    assert text(client.get("/log/?from_on=2026-06-06&code=test")).count("T-") == 0
    assert client.get("/log/?from_on=nonsense&page=zz").status_code == 200


def test_a_changed_line_of_the_log_is_found(client, hq):
    row = log_action("test.act", subject=("thing", "T-1"), by=SYSTEM, at=NOW)
    with connection.cursor() as cursor:  # as somebody with the database in hand, past the guard
        cursor.execute("SELECT name FROM sqlite_master WHERE type='trigger' AND tbl_name='core_actionlog'") if (
            connection.vendor == "sqlite"
        ) else cursor.execute(
            "SELECT tgname FROM pg_trigger WHERE tgrelid='core_actionlog'::regclass AND NOT tgisinternal"
        )
        guards = [name for (name,) in cursor.fetchall()]
        assert guards
        for name in guards:
            cursor.execute(f"DROP TRIGGER {name}" + ("" if connection.vendor == "sqlite" else " ON core_actionlog"))
        cursor.execute("UPDATE core_actionlog SET subject_id='T-2' WHERE seq=%s", [row.seq])
    client.force_login(hq)
    assert f"पंक्ति {row.seq} पर शृंखला टूटी है" in text(client.get("/log/?verify=1"))


def test_a_party_lands_on_its_day(client, db):
    user = add_user(username="party", name_en="P", name_hi="प", password="a long password 1")
    add_party(
        party=NewParty(code="p1", kind="individual", name_en="P", name_hi="प", pan="ABCPE1234F", email="p@example.in"),
        users=[user],
    )
    answer = client.post("/login", {"username": "party", "password": "a long password 1"})
    assert answer["Location"] == reverse("settlee_today")
    assert client.get(answer["Location"]).status_code == 200
