"""Single keys of the terminal the demo runs in, where it runs in one."""

import asyncio
import os
import sys
import termios
import tty
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager


@contextmanager
def keys(actions: Mapping[str, Callable[[], object]]) -> Generator[bool]:
    """Call the action of each key pressed; gives whether there is a terminal to press one in.

    Keys without an action do nothing, and those that send signals still do. Without a terminal, or
    in the background, nothing is read at all: standard input is then somebody else's.
    """
    if not _is_ours():
        yield False
        return
    loop, descriptor = asyncio.get_running_loop(), sys.stdin.fileno()
    before = termios.tcgetattr(descriptor)

    def read() -> None:
        pressed = os.read(descriptor, 1)
        if not pressed:  # the terminal is gone
            loop.remove_reader(descriptor)
        elif (action := actions.get(pressed.decode("ascii", "replace"))) is not None:
            action()

    tty.setcbreak(descriptor)
    loop.add_reader(descriptor, read)
    try:
        yield True
    finally:
        loop.remove_reader(descriptor)
        termios.tcsetattr(descriptor, termios.TCSADRAIN, before)


def _is_ours() -> bool:
    if not sys.stdin.isatty():
        return False
    try:
        return os.tcgetpgrp(sys.stdin.fileno()) == os.getpgrp()
    except OSError:
        return True  # a terminal that no shell controls has no background either
