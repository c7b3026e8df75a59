"""Floods one tenant with messages until it is ended, as a process of its own.

Says where it floods once it does, as a server says where it listens.
"""

import argparse
import asyncio

import uvloop

from bench.hub import frontdesk_chats
from bench.load import Load
from bench.people import House
from tests.support.server import LISTENING

CHATS = 50
WINDOW = 4
"""Messages of each chat on their way: more than is answered at any time."""


async def flood(url: str, house: House) -> None:
    """Write as fast as is answered, for ever."""
    load = Load(await frontdesk_chats(url, CHATS, house), is_numbered=True)
    load.begin(window=WINDOW)
    print(f"{LISTENING}{url}", flush=True)
    await asyncio.Event().wait()


def main() -> None:
    """Flood whom the command line names."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("tenant")
    parser.add_argument("secret")
    found = parser.parse_args()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(flood(found.url, House(found.tenant, found.secret)))


if __name__ == "__main__":
    main()
