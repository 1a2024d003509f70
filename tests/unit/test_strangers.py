"""Somebody else on the gateway's port: who it is, in one sentence, instead of an order sent into a stranger's hands."""

import os
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import psutil
import pytest

from api.cli import main
from api.processes import HouseProblem, is_ready, refuse_strangers
from services import settings as house
from services.settings import Settings

SAID = {
    "another web server": (b"HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\n", b'{"status":"ok"}'),
    "a page": (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", b"hello"),
    "a list": (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n", b"[]"),
    "no web server": (b"220 mail.example ESMTP\r\n",),
    "somebody silent": (),
}
OURS = b'{"status":"%s","service":"pannier"}'


@contextmanager
def answering(*pieces: bytes) -> Iterator[Settings]:
    """Settings whose port is held by somebody who says this to everybody."""

    class Answer(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            self.request.recv(4_096)
            for piece in pieces:
                self.request.sendall(piece)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Answer) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        try:
            yield Settings(port=server.server_address[1])
        finally:
            server.shutdown()


def as_ours(status: bytes, word: bytes) -> tuple[bytes, bytes]:
    body = OURS % word
    return b"HTTP/1.1 %s\r\nContent-Length: %d\r\n\r\n" % (status, len(body)), body


@pytest.mark.parametrize("who", SAID)
def test_a_stranger_is_named_and_not_ordered_from(
    who: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with answering(*SAID[who]) as settings:
        monkeypatch.setattr(house, "_in_force", [settings])
        assert not is_ready(settings)
        with pytest.raises(SystemExit) as ended:
            main(["city", "--once", "--json"])
    told = capsys.readouterr()
    holder = f"{psutil.Process().name()} (process {os.getpid()})"
    assert (ended.value.code, told.out) == (1, "")
    assert told.err.strip() == (
        f"Port {settings.port} is held by {holder}, which is not Pannier: stop it, or choose another port with PANNIER_PORT."
    )


def test_a_gateway_of_ours_is_known_ready_or_not() -> None:
    with answering(*as_ours(b"200 OK", b"ready")) as settings:
        refuse_strangers(settings)
        assert is_ready(settings)
    with answering(*as_ours(b"503 Service Unavailable", b"away")) as settings:
        assert not is_ready(settings)
        with pytest.raises(HouseProblem, match="is not ready"):
            refuse_strangers(settings)


def test_nobody_on_the_port_is_in_order() -> None:
    with answering() as settings:
        pass
    refuse_strangers(settings)
    assert not is_ready(settings)
