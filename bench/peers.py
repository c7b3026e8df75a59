"""What Frontdesk is measured beside: servers that hand a message to two and acknowledge it.

`python -m bench.peers stock` is python-socketio on aiohttp as its documentation sets it up;
`raw` is a WebSocket handler of aiohttp alone. Neither signs anybody in, masks, routes or stores.
`peer.mjs` is the third, for Node.
"""

import asyncio
import importlib
import json
import sys
from collections.abc import Mapping
from typing import Any

from aiohttp import WSMsgType, web

ROOM_QUERY = "room"


def stock() -> web.Application:
    """Socket.IO with every default; who connects names its room in `auth`."""
    server: Any = importlib.import_module("socketio").AsyncServer(async_mode="aiohttp")
    rooms: dict[str, str] = {}

    async def connect(sid: str, _environ: object, auth: Mapping[str, str]) -> None:
        rooms[sid] = auth[ROOM_QUERY]
        await server.enter_room(sid, auth[ROOM_QUERY])

    async def message(sid: str, data: object) -> dict[str, bool]:
        await server.emit("message", data, room=rooms[sid])
        return {"ok": True}

    async def disconnect(sid: str, _reason: object) -> None:
        rooms.pop(sid, None)

    for handler in (connect, message, disconnect):
        server.on(handler.__name__, handler)
    app = web.Application()
    server.attach(app)
    return app


def raw() -> web.Application:
    """WebSocket and JSON alone; who connects names its room in the address."""
    rooms: dict[str, list[web.WebSocketResponse]] = {}

    async def chat(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        room = rooms.setdefault(request.query[ROOM_QUERY], [])
        room.append(socket)
        async for frame in socket:
            if frame.type is not WSMsgType.TEXT:
                break
            said = json.loads(frame.data)
            call = said.pop("call")
            text = json.dumps(said, separators=(",", ":"))
            for member in room:
                await member.send_str(text)
            await socket.send_str(json.dumps({"call": call, "ok": True}, separators=(",", ":")))
        room.remove(socket)
        return socket

    app = web.Application()
    app.add_routes([web.get("/ws", chat)])
    return app


async def serve(app: web.Application) -> None:
    """Serve on any free port until the process is ended."""
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(f"listening on http://127.0.0.1:{runner.addresses[0][1]}", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve({"stock": stock, "raw": raw}[sys.argv[1]]()))
