"""`frontdesk chat` and `frontdesk desk`: plain lines in, plain lines out, also through pipes."""

import asyncio
import os
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Protocol, TypeAlias

from router.app.sockets import Event, Lost, Refused, Socket
from router.app.terminal_chat import ChatTerminal
from router.app.terminal_desk import DeskTerminal
from router.app.terminal_screen import Mistyped, Screen

RETRY_S = 2.0
READ_BYTES = 65_536

Lines: TypeAlias = "asyncio.Queue[str | None]"


class Terminal(Protocol):
    """What a terminal does with what it hears and what is typed.

    Attributes:
        namespace: Where it connects.
        greeted: Set once the server has said what there is.
    """

    namespace: str
    greeted: asyncio.Event

    def auth(self) -> Mapping[str, str]:
        """Return who this is, as known by now."""
        ...

    def hear(self, event: Event) -> None:
        """Show what happened."""
        ...

    async def typed(self, line: str, socket: Socket) -> bool:
        """Do what a line says; False when it says to quit.

        Raises:
            Mistyped: It says nothing that can be done.
            Refused: The server said no.
            Lost: The server did not answer.
        """
        ...


async def chat(url: str, entry_point: str) -> None:
    """Be a customer until /quit or the end of the input.

    Raises:
        SocketFailed: The server is not there or does not let this one in.
    """
    screen = Screen(sys.stdout)
    await _run(ChatTerminal(screen, entry_point), screen, url)


async def desk(url: str, token: str) -> None:
    """Be an agent until quit or the end of the input.

    Raises:
        SocketFailed: The server is not there or does not let this one in.
    """
    screen = Screen(sys.stdout)
    await _run(DeskTerminal(screen, token), screen, url)


async def _run(terminal: Terminal, screen: Screen, url: str) -> None:
    """Stay connected until there is nothing more to do."""
    lines = typed_lines(sys.stdin.fileno())
    while True:
        if await _attend(terminal, screen, url, lines):
            return
        await asyncio.sleep(RETRY_S)


async def _attend(terminal: Terminal, screen: Screen, url: str, lines: Lines) -> bool:
    """Connect once, and return whether whoever types is done.

    Raises:
        SocketFailed: The server is not there at the start, or does not let this one in.
    """
    try:
        async with Socket(url, terminal.namespace, terminal.auth()) as socket:
            return await _converse(terminal, screen, socket, lines)
    except Lost:
        if not terminal.greeted.is_set():
            raise
        return False


async def _converse(terminal: Terminal, screen: Screen, socket: Socket, lines: Lines) -> bool:
    """Hear and type at once; False when the connection ended first."""
    try:
        async with asyncio.TaskGroup() as tasks:
            hearing = tasks.create_task(_hear(terminal, socket))
            await terminal.greeted.wait()
            await _type(terminal, screen, socket, lines)
            hearing.cancel()
            is_done = True
    except* Lost:
        screen.show("The connection is lost. Trying again …")
        is_done = False
    return is_done


async def _hear(terminal: Terminal, socket: Socket) -> None:
    async for event in socket:
        terminal.hear(event)


async def _type(terminal: Terminal, screen: Screen, socket: Socket, lines: Lines) -> None:
    while (line := await lines.get()) is not None:
        try:
            if not await terminal.typed(line.strip(), socket):
                return
        except (Mistyped, Refused) as mistake:
            screen.mistake(mistake)
        except Lost:
            screen.mistake("not sent: the connection is lost")


def typed_lines(descriptor: int) -> Lines:
    """Give the lines of an input as they come, then None.

    A thread reads, because an input may be a file, which no event loop can wait for; it reads the
    descriptor itself, because a buffered reader cannot be left behind when the program ends.
    """
    lines: Lines = asyncio.Queue()
    loop = asyncio.get_running_loop()

    def deliver(line: str | None) -> None:
        with suppress(RuntimeError):  # the loop has ended, and nobody wants the line
            loop.call_soon_threadsafe(lines.put_nowait, line)

    threading.Thread(target=_read, args=(descriptor, deliver), daemon=True).start()
    return lines


def _read(descriptor: int, deliver: Callable[[str | None], None]) -> None:
    rest = b""
    while chunk := os.read(descriptor, READ_BYTES):
        *whole, rest = (rest + chunk).split(b"\n")
        for line in whole:
            deliver(line.decode("utf-8", errors="replace"))
    if rest:
        deliver(rest.decode("utf-8", errors="replace"))
    deliver(None)
