"""A page on this machine, for what fetches pages."""

import contextlib
import http.server
import threading
from collections.abc import Iterator

_PAGE = b"""<!DOCTYPE html><html><head><title>Release notes</title></head>
<body><h1>Releases</h1><p>Every release is cut on a Friday by Kim.</p></body></html>"""


class _Handler(http.server.BaseHTTPRequestHandler):
    wanted: threading.Event
    """Set while pages are sent; without it they never come."""

    def do_GET(self) -> None:
        self.wanted.wait()
        with contextlib.suppress(OSError):
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(_PAGE)))
            self.end_headers()
            self.wfile.write(_PAGE)

    def log_message(self, *_: object) -> None:
        """Nothing is said."""


@contextlib.contextmanager
def web_page(*, comes: bool = True) -> Iterator[str]:
    """Serve the page, or only take requests for it; answers its address."""
    wanted = threading.Event()
    if comes:
        wanted.set()
    handler = type("Handler", (_Handler,), {"wanted": wanted})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        serving = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        serving.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/notes.html"
        finally:
            wanted.set()
            server.shutdown()
            serving.join()
