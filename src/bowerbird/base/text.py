"""Text as people type it, made comparable: NFC, trimmed, without control characters, counted in code points."""

import unicodedata

_KEPT_CONTROLS = {"\n", "\t"}


def clean(text: str, *, multiline: bool = False) -> str:
    """Return the text as it is stored; ValueError when it holds a control character or half a surrogate pair."""
    normal = unicodedata.normalize("NFC", text.replace("\r\n", "\n") if multiline else text).strip()
    for character in normal:
        category = unicodedata.category(character)
        if category in {"Cc", "Cs"} and not (multiline and character in _KEPT_CONTROLS):
            msg = f"contains the control character U+{ord(character):04X}"
            raise ValueError(msg)
    return normal
