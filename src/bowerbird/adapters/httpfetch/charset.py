"""Which encoding a page's bytes are in: as browsers decide, with a table of encodings loaded beforehand."""

import codecs
import re
from encodings import normalize_encoding
from typing import Final

_SCAN_BYTES: Final = 2048
_IN_META: Final = re.compile(rb"<meta[^>]{0,500}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_:.-]{1,40})", re.IGNORECASE)
_IN_HEADER: Final = re.compile(r"charset\s*=\s*[\"']?\s*([A-Za-z0-9_:.-]{1,40})", re.IGNORECASE)
_MARKS: Final = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}

# The Encoding Standard reads these labels as larger sets than their names say.
_WIDER: Final = {
    **dict.fromkeys(("ascii", "us_ascii", "latin1", "latin_1", "iso_8859_1", "iso8859_1", "l1"), "cp1252"),
    **dict.fromkeys(("gb2312", "gbk", "x_gbk", "gb_2312", "gb_2312_80", "chinese"), "gb18030"),
    **dict.fromkeys(("shift_jis", "sjis", "x_sjis", "windows_31j", "ms_kanji"), "cp932"),
    **dict.fromkeys(("euc_kr", "ks_c_5601_1987", "korean", "windows_949"), "cp949"),
    **dict.fromkeys(("big5", "big5_hkscs", "x_x_big5"), "big5hkscs"),
    **dict.fromkeys(("iso_8859_9", "iso8859_9", "latin5"), "cp1254"),
    **dict.fromkeys(("iso_8859_11", "tis_620", "tis620"), "cp874"),
}
_NAMES: Final = (
    *("utf-8", "utf-16-le", "utf-16-be", "gb18030", "cp932", "cp949", "big5hkscs", "euc_jp", "iso2022_jp"),
    *(f"cp125{n}" for n in range(9)),
    *(f"iso8859_{n}" for n in (2, 3, 4, 5, 6, 7, 8, 10, 13, 14, 15, 16)),
    *("koi8_r", "koi8_u", "cp866", "cp874", "mac_roman", "mac_cyrillic"),
)
_LOADED: Final = {codecs.lookup(name).name for name in _NAMES}
_FALLBACK: Final = "cp1252"


def decode(data: bytes, content_type: str) -> str:
    """Return the text, whatever the bytes: what cannot be read becomes a replacement character."""
    return data.decode(_encoding(data, content_type), "replace")


def _encoding(data: bytes, content_type: str) -> str:
    for mark, name in _MARKS.items():
        if data.startswith(mark):
            return name
    said = _IN_HEADER.search(content_type)
    if said and (name := _known(said.group(1))):
        return name
    meta = _IN_META.search(data[:_SCAN_BYTES])
    if meta and (name := _known(meta.group(1).decode("ascii"))):
        return "utf-8" if name.startswith("utf-16") else name
    return "utf-8" if _is_utf8(data) else _FALLBACK


def _known(label: str) -> str:
    name = normalize_encoding(label.lower())
    name = _WIDER.get(name, name.replace("windows_", "cp").replace("x_cp", "cp").replace("iso_", "iso"))
    try:
        found = codecs.lookup(name).name
    except LookupError:
        return ""
    return found if found in _LOADED else ""


def _is_utf8(data: bytes) -> bool:
    """Return whether the bytes are UTF-8, the last character excepted, which may have been cut."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(data)
    except UnicodeDecodeError:
        return False
    return True
