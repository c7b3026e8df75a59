"""What `kubectl exec` speaks with a cluster: input and output on channels of a WebSocket."""

import json
import os
import subprocess
import sys
from base64 import b64encode
from collections.abc import Mapping
from hashlib import sha1
from http.server import BaseHTTPRequestHandler
from io import BufferedIOBase
from pathlib import Path
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

PROTOCOL = "v5.channel.k8s.io"
MAGIC = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # RFC 6455, 1.3
INPUT, OUTPUT, ERRORS, STATUS, CLOSED = 0, 1, 2, 3, 255
PIECE = 32_000
ENDS_S_MAX = 60.0


class Container(NamedTuple):
    """What a command finds in a pod, in a folder of this machine.

    Attributes:
        folder: Has what the pod has in `/data` and in `/etc/frontdesk`.
    """

    folder: Path
    variables: Mapping[str, str]

    def run(self, words: list[str], given: bytes) -> subprocess.CompletedProcess[bytes]:
        """Run a command as if it were there; our programs are those of this environment."""
        there = [
            word.replace("/data/", f"{self.folder}/data/").replace(
                "/etc/frontdesk", f"{self.folder}/etc"
            )
            for word in words
        ]
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        return subprocess.run(
            there,
            input=given,
            env={"PATH": path, **self.variables},
            capture_output=True,
            check=False,
            timeout=ENDS_S_MAX,
        )


def is_execution(request: BaseHTTPRequestHandler) -> bool:
    """Tell whether somebody wants to run a command in a pod."""
    return urlsplit(request.path).path.endswith("/exec") and "Upgrade" in request.headers


def execute(request: BaseHTTPRequestHandler, container: Container) -> None:
    """Run what is asked for, with all of its input at once, and say how it ended."""
    asked = parse_qs(urlsplit(request.path).query)
    key = request.headers["Sec-WebSocket-Key"]
    request.send_response_only(101)
    request.send_header("Upgrade", "websocket")
    request.send_header("Connection", "Upgrade")
    proof = sha1(f"{key}{MAGIC}".encode(), usedforsecurity=False).digest()
    request.send_header("Sec-WebSocket-Accept", b64encode(proof).decode())
    request.send_header("Sec-WebSocket-Protocol", PROTOCOL)
    request.end_headers()
    given = _input(request.rfile) if "stdin" in asked else b""
    ended = container.run(asked["command"], given)
    for channel, said in ((OUTPUT, ended.stdout), (ERRORS, ended.stderr)):
        for at in range(0, len(said), PIECE):
            _send(request, bytes([channel]) + said[at : at + PIECE])
    _send(request, bytes([STATUS]) + json.dumps(_status(ended.returncode)).encode())
    request.wfile.write(b"\x88\x02\x03\xe8")  # closed, normally
    request.close_connection = True


def _status(code: int) -> dict[str, object]:
    if code == 0:
        return {"metadata": {}, "status": "Success"}
    causes = [{"reason": "ExitCode", "message": str(code)}]
    told = {"status": "Failure", "reason": "NonZeroExitCode", "message": f"exit code {code}"}
    return {"metadata": {}, **told, "details": {"causes": causes}}


def _send(request: BaseHTTPRequestHandler, content: bytes) -> None:
    """Send one binary frame."""
    size = len(content)
    length = bytes([size]) if size < 126 else b"\x7e" + size.to_bytes(2)
    request.wfile.write(b"\x82" + length + content)


def _input(stream: BufferedIOBase) -> bytes:
    """Everything that is sent to a command until its input is closed."""
    given = b""
    while True:
        content = _frame(stream)
        match content[:1]:
            case b"\x00":
                given += content[1:]
            case b"\xff":
                return given
            case _:
                continue  # the size of a terminal, or a ping


def _frame(stream: BufferedIOBase) -> bytes:
    """The content of one frame of a client, which are masked."""
    size = stream.read(2)[1] & 127
    if size > 125:
        size = int.from_bytes(stream.read(2 if size == 126 else 8))
    key = stream.read(4)
    return bytes(each ^ key[at % 4] for at, each in enumerate(stream.read(size)))
