"""The pages of the simulated treasury: what a payer sees at the bank, Hindi first, English one click away."""

from collections.abc import Mapping
from decimal import Decimal
from html import escape
from typing import Any

from immis.rules.writing.texts import texts

_WORDS = texts("treasury/pages")
_STYLE = (
    "body{font:16px/1.6 'Noto Sans','Noto Sans Devanagari',sans-serif;margin:0;background:#f3f4ef;color:#1c2521}"
    "main{max-width:34rem;margin:1.5rem auto;background:#fff;padding:1.25rem;border-top:6px solid #5b4b8a}"
    "h1{font-size:1.35rem;margin:0 0 .5rem}dl{display:grid;grid-template-columns:auto 1fr;gap:.4rem 1rem}"
    "dt{color:#4c5650}dd{margin:0;overflow-wrap:anywhere}.sum{font-size:1.6rem;font-weight:700}"
    "input{font:inherit;padding:.6rem;width:100%;box-sizing:border-box;border:1px solid #767f79}"
    "button{font:inherit;font-weight:600;min-height:2.75rem;padding:.6rem 1.2rem;margin:.8rem .6rem 0 0;border:0;"
    "background:#5b4b8a;color:#fff}button.quiet{background:#fff;color:#5b4b8a;border:1px solid #5b4b8a}"
    ".note{background:#fff3d6;padding:.5rem .75rem}a{color:#4a3b78}"
)
MISSING = "<!doctype html><html lang='hi'><title>404</title><p>{hi} · {en}</p></html>".format_map(_WORDS["missing"])


def _rupees(amount_paise: int) -> str:
    """Indian grouping: 51637500 paise is ``₹ 5,16,375.00``."""
    whole, _, part = f"{Decimal(amount_paise) / 100:.2f}".partition(".")
    head, tail = whole[:-3], whole[-3:]
    while head:
        head, tail = head[:-2], f"{head[-2:]},{tail}"
    return f"₹ {tail}.{part}"


def pay_page(held: Mapping[str, Any], *, english: bool) -> str:
    """The bank's page for one remittance."""
    lang, other = ("en", "hi") if english else ("hi", "en")
    words = {key: both[lang] for key, both in _WORDS.items()}
    rows = [
        (words["grn"], held["grn"]),
        (words["reference"], held["reference"]),
        (words["payer"], held["payer_name"]),
        (words["purpose"], held["purpose_en" if english else "purpose_hi"]),
    ]
    facts = "".join(f"<dt>{escape(name)}</dt><dd>{escape(str(value))}</dd>" for name, value in rows)
    amount = f"<dt>{words['amount']}</dt><dd class='sum'>{_rupees(held['amount_paise'])}</dd>"
    act = _paid(held, words) if held["status"] in {"paid", "reversed"} else _form(held, words)
    return (
        f"<!doctype html><html lang='{lang}'><head><meta charset='utf-8'>"
        "<meta name='viewport' content='width=device-width,initial-scale=1'>"
        f"<title>{words['title']}</title><style>{_STYLE}</style></head><body><main>"
        f"<p><a href='?lang={other}' lang='{other}'>{words['other']}</a></p>"
        f"<h1>{words['title']}</h1><p class='note'>{words['note']}</p>"
        f"<dl>{facts}{amount}</dl>{act}</main></body></html>"
    )


def _form(held: Mapping[str, Any], words: Mapping[str, str]) -> str:
    known = escape(held["payer_account"])
    return (
        f"<form method='post'><label>{words['account']}"
        f"<input name='account' required maxlength='30' value='{known}'></label>"
        f"<label>{words['other_amount']}<input name='amount' inputmode='decimal' maxlength='16'></label>"
        f"<button name='act' value='pay'>{words['pay']}</button>"
        f"<button class='quiet' name='act' value='fail'>{words['fail']}</button></form>"
    )


def _paid(held: Mapping[str, Any], words: Mapping[str, str]) -> str:
    back = f"<p>{words[held['status']]} <a href='{escape(held['return_url'])}'>{words['back']}</a></p>"
    if held["status"] == "reversed":
        return back
    button = f"<button class='quiet' name='act' value='reverse'>{words['reverse']}</button>"
    return f"{back}<form method='post'>{button}</form>"
