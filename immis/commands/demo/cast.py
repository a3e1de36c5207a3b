"""Who plays in the season: offices, officers, parties, trucks and places. All names are invented."""

from dataclasses import dataclass, field
from decimal import Decimal

from immis import clock
from immis.core.permissions import SYSTEM
from immis.registry import services

DISTRICT = "Munger"
PASSWORD = "demo-season-2026"


@dataclass(frozen=True)
class Officer:
    """A post that has a one-click log-in in the demo."""

    username: str
    role: str
    office: str
    name_en: str
    name_hi: str


@dataclass(frozen=True)
class Firm:
    """A bidder, perhaps a settlee later."""

    username: str
    kind: str
    name_en: str
    name_hi: str
    pan: str
    turnover_rupees: tuple[int, int, int] = field(default=(9_000_000, 11_000_000, 14_000_000))

    @property
    def account(self) -> str:
        return f"3{int(self.pan[5:9]):04d}{sum(map(ord, self.pan)):06d}"


@dataclass(frozen=True)
class Lorry:
    """A vehicle with its device."""

    plate: str
    kind: str
    wheels: int
    capacity_m3: Decimal
    imei: str
    firm: str

    @property
    def iccid(self) -> str:
        """A made-up number of its SIM, as the register and the device's login have it."""
        return f"8991{self.imei}"


OFFICES = [
    ("hq", "hq", "Mines and Geology Department, Patna", "खान एवं भूतत्व विभाग, पटना", ""),
    ("munger", "district", "District Mining Office, Munger", "जिला खनन कार्यालय, मुंगेर", DISTRICT),
    ("munger-collectorate", "district", "Collectorate, Munger", "समाहरणालय, मुंगेर", DISTRICT),
    ("monitoring", "monitoring", "Monitoring Cell, Patna", "अनुश्रवण कोषांग, पटना", ""),
    ("safiabad", "checkpost", "Check Post, Safiabad", "चेक पोस्ट, सफियाबाद", DISTRICT),
    ("ghorghat", "checkpost", "Check Post, Ghorghat", "चेक पोस्ट, घोरघट", DISTRICT),
]

OFFICERS = [
    Officer("mdo", "district", "munger", "Mineral Development Officer, Munger", "खनिज विकास पदाधिकारी, मुंगेर"),
    Officer("collector", "collector", "munger-collectorate", "Collector, Munger", "समाहर्ता, मुंगेर"),
    Officer("hq", "hq", "hq", "Director of Mines", "निदेशक (खान)"),
    Officer("monitoring", "monitoring", "monitoring", "Monitoring Cell", "अनुश्रवण कोषांग"),
    Officer("checkpost", "checkpost", "safiabad", "Check Post Officer, Safiabad", "चेक पोस्ट पदाधिकारी, सफियाबाद"),
    Officer("checkpost2", "checkpost", "ghorghat", "Check Post Officer, Ghorghat", "चेक पोस्ट पदाधिकारी, घोरघट"),
]

FIRMS = [
    Firm("gangotri", "company", "Gangotri Minerals Pvt Ltd", "गंगोत्री मिनरल्स प्रा० लि०", "AAACG4821K"),
    Firm("angpradesh", "partnership", "Ang Pradesh Sand Traders", "अंग प्रदेश सैंड ट्रेडर्स", "AABFA3917M"),
    Firm("shivam", "proprietor", "Shivam Enterprises", "शिवम इंटरप्राइजेज", "BKLPS6142Q"),
    Firm("kaushiki", "company", "Kaushiki Infra Ltd", "कौशिकी इन्फ्रा लि०", "AAECK7305D"),
    Firm("sitakund", "society", "Sitakund Shramik Sahyog Samiti", "सीताकुंड श्रमिक सहयोग समिति", "AABAS1598H"),
    Firm("mirkasim", "individual", "Mir Qasim Ansari", "मीर कासिम अंसारी", "CDRPA2764R"),
    Firm("rishikund", "company", "Rishikund Logistics Pvt Ltd", "ऋषिकुंड लॉजिस्टिक्स प्रा० लि०", "AAFCR9036B"),
    Firm("kharagpur", "partnership", "Kharagpur Hills Traders", "खड़गपुर हिल्स ट्रेडर्स", "AACFK5489L"),
]

PLACES = [
    ("munger-town", "destination", "Munger town", "मुंगेर शहर", 25.3708, 86.4734, 900),
    ("jamalpur", "destination", "Jamalpur", "जमालपुर", 25.3130, 86.4880, 900),
    ("bariyarpur", "destination", "Bariyarpur", "बरियारपुर", 25.2840, 86.5660, 700),
    ("kharagpur", "destination", "Haveli Kharagpur", "हवेली खड़गपुर", 25.1220, 86.5560, 900),
    ("sultanganj", "destination", "Sultanganj", "सुल्तानगंज", 25.2450, 86.7380, 900),
    ("surajgarha", "destination", "Surajgarha", "सूरजगढ़ा", 25.2510, 86.2330, 900),
    ("safiabad", "checkpost", "Check post Safiabad", "चेक पोस्ट सफियाबाद", 25.3560, 86.4320, 300),
    ("ghorghat", "checkpost", "Check post Ghorghat", "चेक पोस्ट घोरघट", 25.2710, 86.6400, 300),
]

_FLEET_OF = {"gangotri": 5, "angpradesh": 4, "shivam": 3, "kaushiki": 4, "sitakund": 2, "mirkasim": 2}


def _imei(number: int) -> str:
    """A made-up IMEI with a right check digit."""
    body = f"35900107{number:06d}"
    doubled = [int(d) * (2 if i % 2 else 1) for i, d in enumerate(body)]
    return body + str(-sum(d - 9 if d > 9 else d for d in doubled) % 10)


def _fleet() -> list[Lorry]:
    lorries, number = [], 1000
    for firm, count in _FLEET_OF.items():
        for turn in range(count):
            number += 7
            tractor = firm == "sitakund" and turn == 1
            kind, wheels, capacity = ("tractor", 6, Decimal("3.5")) if tractor else ("truck", 12, Decimal("16"))
            lorries.append(Lorry(f"BR08G{number:04d}", kind, wheels, capacity, _imei(number), firm))
    return lorries


FLEET = _fleet()


def enter() -> None:
    """Enter everybody and everything in the registers, as an administrator would before the season."""
    at = clock.now()
    offices = {
        code: services.open_office(code=code, kind=kind, name_en=en, name_hi=hi, district=district)
        for code, kind, en, hi, district in OFFICES
    }
    for officer in OFFICERS:
        user = services.add_user(
            username=officer.username, name_en=officer.name_en, name_hi=officer.name_hi, password=PASSWORD
        )
        services.appoint(user=user, office=offices[officer.office], role=officer.role)
    parties = {firm.username: _enter_firm(firm) for firm in FIRMS}
    for code, kind, en, hi, lat, lon, radius in PLACES:
        services.add_place(
            code=code, kind=kind, name_en=en, name_hi=hi, lat=lat, lon=lon, radius_m=radius, district=DISTRICT
        )
    for lorry in FLEET:
        vehicle = services.register_vehicle(
            registration=lorry.plate,
            capacity_m3=lorry.capacity_m3,
            kind=lorry.kind,
            wheels=lorry.wheels,
            owner=parties[lorry.firm],
            owner_name=parties[lorry.firm].name_en,
            by=SYSTEM,
            at=at,
        )
        services.fit_device(imei=lorry.imei, vehicle=vehicle, vendor="DEMO", iccid=lorry.iccid, by=SYSTEM, at=at)


def _enter_firm(firm: Firm) -> object:
    user = services.add_user(
        username=firm.username,
        name_en=firm.name_en,
        name_hi=firm.name_hi,
        password=PASSWORD,
        email=f"{firm.username}@example.invalid",
    )
    return services.add_party(
        code=firm.username,
        kind=firm.kind,
        name_en=firm.name_en,
        name_hi=firm.name_hi,
        pan=firm.pan,
        email=f"{firm.username}@example.invalid",
        address="Munger, Bihar",
        bank_account=firm.account,
        users=[user],
    )
