"""Hostile files, made when a test needs them: small to send, endless or huge to understand."""

import io
import struct
import zipfile
import zlib


def tangled_pdf(depth: int = 60) -> bytes:
    """A form of ``depth`` fields of which each has the next one twice as its child: 2^depth paths in 4 KB."""
    bodies = ["<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[3 0 R]/SigFlags 3>>>>", "<</Type/Pages/Kids[]/Count 0>>"]
    for number in range(3, 3 + depth):
        bodies.append(f"<</T(f{number})/Kids[{number + 1} 0 R {number + 1} 0 R]>>")
    last = "<</T(s)/FT/Sig/V<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/adbe.pkcs7.detached/ByteRange[0 1 2 3]>>>>"
    return pdf([*bodies, last])


def looped_pages_pdf() -> bytes:
    """Fields that are their own children."""
    return pdf(
        [
            "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[3 0 R]>>>>",
            "<</Type/Pages/Kids[2 0 R]/Count 1>>",
            "<</T(a)/FT/Sig/Kids[3 0 R]/V<</ByteRange[0 1 2 3]>>>>",
        ]
    )


def pdf(bodies: list[str]) -> bytes:
    """A PDF of these objects, numbered from 1; the first is its catalogue."""
    out, places = bytearray(b"%PDF-1.7\n"), []
    for number, body in enumerate(bodies, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n{body}\nendobj\n".encode()
    start = len(out)
    out += f"xref\n0 {len(bodies) + 1}\n0000000000 65535 f \n".encode()
    out += b"".join(f"{place:010d} 00000 n \n".encode() for place in places)
    out += f"trailer\n<</Size {len(bodies) + 1}/Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n".encode()
    return bytes(out)


def zip_bomb(megabytes: int = 50) -> bytes:
    """A ZIP of a thousandth of what it holds."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", b"\0" * (megabytes * 1_000_000))
    return out.getvalue()


def huge_png(side: int = 20_000) -> bytes:
    """A PNG of ``side`` times ``side`` white points in a few hundred kilobytes."""
    packer = zlib.compressobj(9)
    line = b"\0" + b"\xff" * ((side + 7) // 8)
    body = b"".join([packer.compress(line) for _ in range(side)]) + packer.flush()
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(part)) + kind + part + struct.pack(">I", zlib.crc32(kind + part))
        for kind, part in (
            (b"IHDR", struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)), (b"IDAT", body), (b"IEND", b""),
        )
    )  # fmt: skip


_TYPES = (
    '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.'
    'spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.'
    'openxmlformats-officedocument.spreadsheetml.worksheet+xml"/><Override PartName="/xl/sharedStrings.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/></Types>'
)
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_RELS = (
    '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="r1" Type="{office}/{kind}" Target="{target}"/>{more}</Relationships>'
)
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def workbook(shared: bytes, *, said_bytes: int | None = None) -> bytes:
    """A workbook with these shared strings; ``said_bytes`` is what its directory states of their size, if a lie."""
    out = io.BytesIO()
    strings = f'<Relationship Id="r2" Type="{_OFFICE}/sharedStrings" Target="sharedStrings.xml"/>'
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as packed:
        packed.writestr("[Content_Types].xml", _TYPES)
        root = _RELS.format(office=_OFFICE, kind="officeDocument", target="xl/workbook.xml", more="")
        packed.writestr("_rels/.rels", root)
        sheet = '<sheets><sheet name="a" sheetId="1" r:id="r1"/></sheets>'
        packed.writestr("xl/workbook.xml", f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}">{sheet}</workbook>')
        part = _RELS.format(office=_OFFICE, kind="worksheet", target="worksheets/sheet1.xml", more=strings)
        packed.writestr("xl/_rels/workbook.xml.rels", part)
        cells = '<sheetData><row r="1"><c r="A1" t="s"><v>0</v></c></row></sheetData>'
        packed.writestr("xl/worksheets/sheet1.xml", f'<worksheet xmlns="{_MAIN}">{cells}</worksheet>')
        packed.writestr("xl/sharedStrings.xml", shared)
    raw = out.getvalue()
    if said_bytes is None:
        return raw
    return raw.replace(struct.pack("<I", len(shared)), struct.pack("<I", said_bytes))


def wide_workbook(megabytes: int = 100) -> bytes:
    """A workbook with as many megabytes of shared strings."""
    entry = b"<si><t>" + b"x" * 985 + b"</t></si>"
    head = f'<sst xmlns="{_MAIN}">'.encode()
    return workbook(head + entry * (megabytes * 1000) + b"</sst>")


def nested_workbook(depth: int = 400_000) -> bytes:
    """A workbook whose shared strings are elements within elements."""
    head = f'<sst xmlns="{_MAIN}">'.encode()
    return workbook(head + b"<si>" * depth + b"</si>" * depth + b"</sst>")


def laughing_workbook() -> bytes:
    """A workbook of a billion laughs: ten entities of which each has the one before ten times."""
    entities = ['<!ENTITY l0 "lol">']
    entities += [f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10)]
    text = f'<!DOCTYPE sst [{"".join(entities)}]><sst xmlns="{_MAIN}"><si><t>&l9;</t></si></sst>'
    return workbook(text.encode())


def deep_json(depth: int = 1_000_000) -> bytes:
    """Lists within lists."""
    return b'{"type":"FeatureCollection","features":' + b"[" * depth + b"]" * depth + b"}"
