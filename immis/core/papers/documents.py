"""Official papers as PDF: typst templates of this project filled with data.

Data reaches a template as JSON beside it, never as markup, so that no name can
change the page. One compiler is kept for the process: it holds fonts and layout
caches, and a page then takes milliseconds.
"""

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import typst

from immis.private import kind_of_settings
from immis.rules.writing.texts import text, texts

PACKAGE = Path(__file__).resolve().parents[2]
VENDOR_FONTS = PACKAGE / "web" / "static" / "vendor" / "fonts"
NODE_FONTS = PACKAGE.parent / "node_modules" / "@expo-google-fonts"
WEIGHTS = ("400Regular", "600SemiBold", "700Bold", "800ExtraBold")
FAMILIES = {
    "Noto Sans": ("noto-sans", "NotoSans"),
    "Noto Sans Devanagari": ("noto-sans-devanagari", "NotoSansDevanagari"),
}
# Archival PDF whose text can be searched and copied in Devanagari as well, and read by a screen reader.
_STANDARDS = ["a-2u", "ua-1"]
_INDIA = ZoneInfo("Asia/Kolkata")
_lock = threading.Lock()


class DocumentError(RuntimeError):
    """A paper could not be made: fonts are missing, or the template and its data do not fit."""


@dataclass(frozen=True)
class Bilingual:
    """The same words in Hindi and English."""

    hi: str
    en: str


@cache
def words_of_paper(name: str) -> Mapping[str, Bilingual]:
    """The words of a kind of paper (``words/papers/<name>.yaml``) by key. Raises PolicyError for no such paper."""
    return {key: Bilingual(**words) for key, words in texts(f"papers/{name}").items()}


def filled(paper: str, key: str, /, **facts: Any) -> Bilingual:
    """One text of a paper with its facts filled in."""
    return Bilingual(**text(f"papers/{paper}", key, **facts))


GOVERNMENT = words_of_paper("head")["government"]
DEPARTMENT = words_of_paper("head")["department"]


def font_files() -> list[Path]:
    """The font files that papers use, from the vendor folder or, in a checkout, from ``node_modules``."""
    results = []
    for package, stem in FAMILIES.values():
        for weight in WEIGHTS:
            name = f"{stem}_{weight}.ttf"
            places = (VENDOR_FONTS / name, NODE_FONTS / package / weight / name)
            results.extend([place for place in places if place.is_file()][:1])
    return results


@cache
def _compiler() -> typst.Compiler:
    folders = sorted({str(path.parent) for path in font_files()})
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=folders)
    missing = sorted(set(FAMILIES) - set(fonts.families()))
    if missing:
        raise DocumentError(f"the fonts {', '.join(missing)} are missing; `make setup` installs them")
    return typst.Compiler(root=PACKAGE, font_paths=fonts)


def _plain(value: Any) -> Any:
    """Values as JSON knows them. Raises TypeError for anything else."""
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, Bilingual):
        return {"hi": value.hi, "en": value.en}
    raise TypeError(f"{type(value).__name__} cannot be handed to a template")


def _compile(template: Path, data: Mapping[str, Any], **options: Any) -> Any:
    if kind_of_settings() == "training":
        data = {**data, "training": words_of_paper("head")["training"]}
    inputs = {"data": json.dumps(data, ensure_ascii=False, default=_plain)}
    with _lock:
        return _compiler().compile(input=str(template), sys_inputs=inputs, **options)


def compile_typst(template: Path, data: Mapping[str, Any], *, created_at: datetime | None = None) -> bytes:
    """The PDF of a template inside the package, filled with ``data``: PDF/A-2u and PDF/UA-1 wherever the fonts have
    every letter.

    A name in a script that the fonts lack still makes a paper, with empty boxes, as plain PDF. The template reads
    ``json(bytes(sys.inputs.data))``. ``created_at`` stamps the file, so that the same facts give the same bytes.
    Raises DocumentError when fonts are missing or template and data do not fit.
    """
    options = {"format": "pdf", "timestamp": int(created_at.timestamp()) if created_at else None}
    try:
        try:
            return bytes(_compile(template, data, pdf_standards=_STANDARDS, **options))
        except typst.TypstError as error:
            if "PDF/" not in str(error):
                raise
            return bytes(_compile(template, data, **options))
    except typst.TypstError as error:
        raise DocumentError(f"{Path(template).name} could not be set: {error}") from error


def date_text(on: date) -> str:
    """A day as papers write it: ``15.10.2026``."""
    return on.strftime("%d.%m.%Y")


def instant_text(at: datetime) -> str:
    """Day and time as papers write them, in India: ``15.10.2026 14:05``."""
    return at.astimezone(_INDIA).strftime("%d.%m.%Y %H:%M")
