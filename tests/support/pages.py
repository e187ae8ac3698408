"""A small web of other people's pages, served on this machine, for what Bowerbird fetches."""

import threading
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from typing_extensions import override

from tests.support.pictures import jpeg


@dataclass(frozen=True)
class Page:
    """What one path answers."""

    body: bytes
    mime: str = "text/html; charset=utf-8"
    status: int = 200

    @classmethod
    def titled(cls, title: str, picture: str = "") -> "Page":
        """Return a page with a title and, by Open Graph, a picture."""
        image = f'<meta property="og:image" content="{picture}">' if picture else ""
        return cls(f"<!doctype html><title>{title}</title>{image}<p>Words.".encode())


@contextmanager
def serving_pages(pages: Mapping[str, Page], held: threading.Event | None = None) -> Generator[str]:
    """Serve the pages, and a photo at every other path that ends in .jpg, once `held` is set; yield the address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if held:
                held.wait()
            path = self.path
            found = pages.get(path)
            if found is None:
                found = Page(jpeg(len(path)), "image/jpeg") if path.endswith(".jpg") else Page(b"no", "text/plain", 404)
            self.send_response(found.status)
            self.send_header("content-type", found.mime)
            self.send_header("content-length", str(len(found.body)))
            self.end_headers()
            self.wfile.write(found.body)

        @override
        def log_message(self, format: str, *args: object) -> None:
            pass

    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=httpd.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{httpd.server_address[1]}"
    finally:
        if held:
            held.set()
        httpd.shutdown()
        httpd.server_close()
        thread.join()
