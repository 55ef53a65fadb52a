"""
Customers of the shop: so many requests a second for so long at most, each on a connection of its own, none tried twice.

`load.py PORT PER_SECOND MOST_SECONDS FILE` writes one line a request into the file: when it was sent, when it ended, which
version answered (`-`: none), and the status or what went wrong. It goes on until its stdin is closed.
"""

from __future__ import annotations

import asyncio
import sys
import time
from typing import TextIO

PATIENCE_S = 6
MOST_AT_ONCE = 600
WANTED = ("/login", "/sales", "/reservations/7/payment")


async def buy(port: int, path: str) -> tuple[str, str]:
    """
    Ask once and give the version that answered and the status.
    """
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(f"POST {path} HTTP/1.1\r\nHost: shop\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
        answer = await reader.read()
    finally:
        writer.close()
    head = answer.decode("latin-1").split("\r\n\r\n", maxsplit=1)[0].split("\r\n")
    if not answer:
        return "-", "empty"
    version = next((line.split(": ")[1] for line in head if line.lower().startswith("x-version: ")), "-")
    return version, head[0].split(" ")[1]


async def count(port: int, path: str, into: TextIO) -> None:
    sent = time.time()
    try:
        async with asyncio.timeout(PATIENCE_S):
            version, status = await buy(port, path)
    except TimeoutError:
        version, status = "-", "timeout"
    except OSError as error:
        version, status = "-", type(error).__name__
    into.write(f"{sent:.4f} {time.time():.4f} {version} {status}\n")
    into.flush()


async def send(port: int, per_second: float, most_seconds: float, into: TextIO, over: asyncio.Event) -> None:
    """
    Send at the pace that was asked for, however long answers take; beyond `MOST_AT_ONCE` open ones wait.
    """
    started, under_way = time.monotonic(), set()
    for number in range(int(per_second * most_seconds)):
        pause = started + number / per_second - time.monotonic()
        await asyncio.sleep(max(0.0, pause))
        if over.is_set():
            break
        while len(under_way) >= MOST_AT_ONCE:
            await asyncio.wait(under_way, return_when=asyncio.FIRST_COMPLETED)
        task = asyncio.create_task(count(port, WANTED[number % len(WANTED)], into))
        under_way.add(task)
        task.add_done_callback(under_way.discard)
    if under_way:
        await asyncio.wait(under_way)


async def main(port: int, per_second: float, most_seconds: float, file: str) -> None:
    over = asyncio.Event()
    with open(file, "a", encoding="utf-8") as into:  # noqa: ASYNC230 - short lines, and nothing else to do meanwhile
        sending = asyncio.create_task(send(port, per_second, most_seconds, into, over))
        print("buying", flush=True)
        await asyncio.to_thread(sys.stdin.read)
        over.set()
        await sending


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3]), sys.argv[4]))
