"""The look of the pages about the API: one sheet of style, no script, nothing from elsewhere."""

import hashlib
from base64 import b64encode
from html import escape
from typing import Final

from bowerbird.edge.http.asgi import Header

_STYLE: Final = """
:root { color-scheme: light dark; --paper: #fbf9f4; --ink: #22302c; --soft: #5d6b66; --line: #dcd8cc; --blue: #1d4f91;
  --shade: #f1ede2; --get: #1d6b4f; --put: #7a5200; --drop: #a12b2b }
@media (prefers-color-scheme: dark) { :root { --paper: #131a18; --ink: #e4e8e2; --soft: #9aa8a2; --line: #2c3834;
  --blue: #8fb8ee; --shade: #1b2421; --get: #7fd0ac; --put: #e3b65c; --drop: #f09a9a } }
* { box-sizing: border-box }
body { margin: 0; background: var(--paper); color: var(--ink);
  font: 16px/1.55 Charter, "Bitstream Charter", Cambria, serif }
a { color: var(--blue) }
:focus-visible { outline: 3px solid var(--blue); outline-offset: 2px }
.skip { position: absolute; left: -99em } .skip:focus { left: 1em; top: 1em; background: var(--paper) }
main { max-width: 58rem; margin: 0 auto; padding: 3rem 1.25rem 6rem }
h1 { font-size: 2.4rem; line-height: 1.1; margin: 0 0 .5rem; letter-spacing: -.02em }
h2 { margin: 3.5rem 0 .5rem; padding-top: .75rem; border-top: 3px solid var(--ink); font-size: 1.35rem }
h2::first-letter { text-transform: uppercase }
h3 { margin: 0; font: 600 .95rem/1.5 ui-monospace, "DejaVu Sans Mono", monospace; overflow-wrap: anywhere }
h4 { margin: .9rem 0 .2rem; font-size: .85rem; color: var(--soft); font-weight: 600 }
nav ul { list-style: none; margin: 1.5rem 0 0; padding: 0; display: flex; flex-wrap: wrap; gap: .25rem 1.1rem }
article { padding: 1.1rem 0 1.2rem; border-bottom: 1px solid var(--line) }
article > p { margin: .25rem 0 }
code { font: .88em ui-monospace, "DejaVu Sans Mono", monospace; overflow-wrap: anywhere }
.method { display: inline-block; min-width: 4.6em; color: var(--put) }
.get { color: var(--get) } .delete { color: var(--drop) }
dl { margin: 0; display: grid; grid-template-columns: minmax(7rem, auto) 1fr; gap: .15rem 1rem }
dt { font-weight: 600 } dd { margin: 0; min-width: 0 }
.rule { color: var(--soft) }
.who { font-size: .85rem; color: var(--soft) }
@media (max-width: 40rem) { dl { grid-template-columns: 1fr } dd { margin-bottom: .4rem } h1 { font-size: 1.9rem } }
"""

_HASH: Final = b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()

HEADERS: Final[tuple[Header, ...]] = (
    (b"content-type", b"text/html; charset=utf-8"),
    (
        b"content-security-policy",
        f"default-src 'none'; style-src 'sha256-{_HASH}'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'".encode(),
    ),
)
"""What a page is served with: nothing but its own style may take effect."""


def page(title: str, content: str) -> bytes:
    """Return a whole page around content that is HTML already."""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)} · Bowerbird</title><style>{_STYLE}</style></head>"
        f'<body><a class="skip" href="#content">To the content</a><main id="content">{content}</main></body></html>'
    ).encode()
