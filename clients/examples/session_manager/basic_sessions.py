"""Chat in the default session and in one that has a name (session manager: creating and using sessions)."""

import asyncio

from rejoinder_client import AsyncClient


async def main() -> None:
    async with AsyncClient() as client:
        await client.chat("Hello", session_id="default")
        await client.chat("Hello", session_id="my_project")
        for session in await client.sessions.list():
            print(f"{session.session_id}: {session.message_count} messages")


asyncio.run(main())
