"""Words for what the check of a pass found, in both languages."""

REASONS: dict[str, dict[str, str]] = {
    "ok": {
        "hi": "यह पास असली है और समय में है।",
        "en": "This pass is genuine and in time.",
    },
    "cancelled": {
        "hi": "यह पास रद्द या अमान्य कर दिया गया है। वाहन को आगे न जाने दें।",
        "en": "This pass has been cancelled or made invalid. Do not let the vehicle go on.",
    },
    "expired": {
        "hi": "इस पास की वैधता समाप्त हो चुकी है।",
        "en": "The validity of this pass is over.",
    },
    "not_yet_valid": {
        "hi": "यह पास अभी शुरू नहीं हुआ है। इस यंत्र की घड़ी जाँच लें।",
        "en": "This pass has not begun yet. Check the clock of this device.",
    },
    "bad_signature": {
        "hi": "यह पास असली नहीं है: हस्ताक्षर मेल नहीं खाता, इसमें फेरबदल हुआ है।",
        "en": "This pass is not genuine: the signature does not fit, something was changed.",
    },
    "unreadable": {
        "hi": "यह असली पास का QR नहीं है, या उसका कुछ भाग बदला या छूटा है।",
        "en": "This is not the QR of a genuine pass, or a part of it was changed or is missing.",
    },
    "too_long": {
        "hi": "यह पास नहीं है: पाठ बहुत लंबा है।",
        "en": "This is not a pass: the text is too long.",
    },
    "unsupported": {
        "hi": "यह पास ऐसे रूप में है जिसे यह जाँच नहीं मानती।",
        "en": "This pass is in a form that this check does not accept.",
    },
    "unknown_key": {
        "hi": "यह पास ऐसी कुंजी से हस्ताक्षरित है जो कुंजी सूची में नहीं है। सूची ताजा कर फिर जाँचें।",
        "en": "This pass is signed with a key that is not in the key list. Refresh the list and check again.",
    },
    "key_expired": {
        "hi": "इस पास की कुंजी की अवधि समाप्त हो चुकी है।",
        "en": "The key of this pass is past its time.",
    },
    "key_not_yet_valid": {
        "hi": "इस पास की कुंजी की अवधि अभी शुरू नहीं हुई है। इस यंत्र की घड़ी जाँच लें।",
        "en": "The key of this pass is not in force yet. Check the clock of this device.",
    },
    "address_altered": {
        "hi": "QR का वेब पता बदला हुआ है: पास जारी करने वाले विभाग का पता यह नहीं है।",
        "en": "The web address in this QR was changed: it is not that of the department which issued the pass.",
    },
}

CLOCK_BEHIND = {
    "hi": "इस यंत्र की घड़ी पीछे है: हस्ताक्षरित सूची इससे {hours:g} घंटे नई है। घड़ी ठीक कर फिर जाँचें।",
    "en": "The clock of this device is behind: the signed list is {hours:g} hours younger. Set it and check again.",
}


def clock_text(hours: float, lang: str) -> str:
    """The sentence for a clock that is behind the signed lists by so many hours."""
    return CLOCK_BEHIND[lang].format(hours=hours)


def reason_text(code: str, lang: str) -> str:
    """The sentence for a reason code of a verdict, in ``hi`` or ``en``."""
    return REASONS[code][lang]
