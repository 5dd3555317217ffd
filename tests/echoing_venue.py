"""A venue that tells secrets: it passes requests on to the embedded exchange, and some it answers
with an error that repeats whatever must never be shown."""

import json
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final

from real_program import DEADLINE_SECONDS
from sim_process import Sim

ORDERS: Final = ("POST", "/fapi/v1/order")
ACCOUNT: Final = ("GET", "/fapi/v3/account")
LISTEN_KEY: Final = ("POST", "/fapi/v1/listenKey")


class EchoingVenue:
    """Where to find it, and what it refuses.

    Args:
        sim: Takes what is not refused.
        secrets: Told in every refusal, with the API key and the signature that were sent.
    """

    def __init__(self, sim: Sim, secrets: tuple[str, ...]) -> None:
        self.sim = sim
        self.secrets = secrets
        self.refused: set[tuple[str, str]] = set()
        """Method and path."""
        self.code = -2015
        self.told = 0
        self.url = ""

    def variables(self) -> dict[str, str]:
        """What points the program here, and lets it trade."""
        return {
            "BOTCORE__HOSTS__REST": self.url,
            "BOTCORE__HOSTS__WS_PUBLIC": self.sim.ws_public,
            "BOTCORE__HOSTS__WS_MARKET": self.sim.ws_market,
            "BOTCORE__HOSTS__WS_PRIVATE": self.sim.ws_private,
            "BOTCORE__SYMBOLS": "BTCUSDT",
            "BOTCORE__LOGGING__LEVEL": "DEBUG",
        }


@contextmanager
def echoing_venue(sim: Sim, *secrets: str) -> Iterator[EchoingVenue]:
    """Serve for the time of a test."""
    venue = EchoingVenue(sim, secrets)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_any(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            place = (self.command, self.path.partition("?")[0])
            if place in venue.refused:
                venue.told += 1
                self.send(400, _echo(venue, self, body), {})
            else:
                self.send(*_passed_on(venue.sim, self, body))

        do_GET = do_POST = do_PUT = do_DELETE = handle_any  # noqa: N815 - the names of the library

        def send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    venue.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield venue
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _echo(venue: EchoingVenue, request: BaseHTTPRequestHandler, body: bytes) -> bytes:
    sent = (request.headers.get("X-MBX-APIKEY", ""), request.path, body.decode())
    text = " ".join(("refused:", *venue.secrets, *sent))
    return json.dumps({"code": venue.code, "msg": text}).encode()


def _passed_on(
    sim: Sim, request: BaseHTTPRequestHandler, body: bytes
) -> tuple[int, bytes, dict[str, str]]:
    kept = {
        name: value
        for name, value in request.headers.items()
        if name.lower() not in {"host", "content-length", "connection", "accept-encoding"}
    }
    onward = urllib.request.Request(
        f"{sim.rest}{request.path}", method=request.command, data=body or None, headers=kept
    )
    try:
        with urllib.request.urlopen(onward, timeout=DEADLINE_SECONDS) as reply:
            return reply.status, reply.read(), _headers(reply.headers.items())
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read(), _headers(error.headers.items())


def _headers(items: list[tuple[str, str]]) -> dict[str, str]:
    dropped = {"content-length", "transfer-encoding", "connection", "server"}
    return {name: value for name, value in items if name.lower() not in dropped}
