"""A stranger's web server, whose every page has a picture."""

import threading
from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from typing_extensions import override

from tests.support.pictures import jpeg

_PICTURE = jpeg(7, 240, 160)
_PAGE = b'<!doctype html><title>A nest</title><meta property="og:image" content="/picture.jpg">'


class _Pages(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body, mime = (_PICTURE, "image/jpeg") if self.path == "/picture.jpg" else (_PAGE, "text/html")
        self.send_response(200)
        self.send_header("Content-Type", mime)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    @override
    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextmanager
def serving_pages() -> Generator[str]:
    """Serve, and yield the address."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Pages) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
