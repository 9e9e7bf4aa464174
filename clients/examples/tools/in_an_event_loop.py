"""Coroutines as tools, and each call as it happens (tools: streaming)."""

import asyncio

from rejoinder_client import AsyncClient


async def weather(city: str, days: int = 1) -> str:
    """The weather of the next days."""
    await asyncio.sleep(0)
    return f"{city}: sunny for {days} days"


async def main() -> None:
    async with AsyncClient() as client:
        session = await client.session(tools=[weather])
        async for event in session.stream("What should I pack for Osaka?"):
            if event.type == "tool_call":
                print(f"calls {event.name} with {event.args}")
            elif event.type == "tool_update" and event.status == "done":
                print(f"is told: {event.output}")
            elif event.type == "text":
                print(event.text, end="")
        print()


asyncio.run(main())
