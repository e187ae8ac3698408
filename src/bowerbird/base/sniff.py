"""What bytes are, by how they begin: claimed types are for others to believe."""

HEAD_BYTES = 32
"""How many of the first bytes decide."""

_STARTS = {
    b"\xff\xd8\xff": "image/jpeg",
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"GIF87a": "image/gif",
    b"GIF89a": "image/gif",
    b"BM": "image/bmp",
    b"II*\0": "image/tiff",
    b"MM\0*": "image/tiff",
    b"\0\0\1\0": "image/vnd.microsoft.icon",
    b"8BPS": "image/vnd.adobe.photoshop",
    b"\xff\x0a": "image/jxl",
    b"\0\0\0\x0cJXL ": "image/jxl",
    b"<svg": "image/svg+xml",
}
_HEIF_BRANDS = {b"avif": "image/avif", b"avis": "image/avif"}


def picture_mime(head: bytes) -> str:
    """Return the media type of the picture that begins so, or "" when it is none that is known."""
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    if head[4:8] == b"ftyp":
        brand = head[8:12]
        heif = "image/heif" if brand[:2] in {b"he", b"mi", b"ms"} else ""
        return _HEIF_BRANDS.get(brand, heif)
    return next((mime for start, mime in _STARTS.items() if head.startswith(start)), "")
