"""One turn in a program with an event loop (session object: run, asynchronous)."""

import asyncio

from rejoinder_client import AsyncClient


async def main() -> None:
    async with AsyncClient() as client:
        session = await client.session()
        print(await session.run("Explain async/await"))


asyncio.run(main())
