"""Several conversations side by side over one connection (session manager: multi-session management)."""

import asyncio

from rejoinder_client import Answer, AsyncClient

TOPICS = ("tests", "documentation", "names")


async def discuss(client: AsyncClient, topic: str) -> Answer:
    session = await client.session(name=f"About {topic}")
    await session.update_state({"topic": topic})
    return await session.run(f"What should I know about the {topic} of this project?")


async def main() -> None:
    async with AsyncClient() as client:
        answers = await asyncio.gather(*(discuss(client, topic) for topic in TOPICS))
        for topic, answer in zip(TOPICS, answers, strict=True):
            print(f"{topic}: {answer.text.splitlines()[0]}")
        print(f"{len(await client.sessions.list(query='About'))} sessions are about something")


asyncio.run(main())
