"""An answer as it comes, with the places that it refers to (session object: async streaming)."""

import asyncio

from rejoinder_client import AsyncClient, End, Status, Text


async def main() -> None:
    async with AsyncClient() as client:
        session = await client.session()
        async for update in session.stream("Where is the function add defined?"):
            if isinstance(update, Text):
                print(update.text, end="", flush=True)
            elif isinstance(update, Status):
                print(f"({update.message})")
            elif isinstance(update, End):
                print(f"\n{update.usage.seconds:.1f} seconds, {len(update.citations)} citations")
                for citation in update.citations:
                    print(f"  {citation.label}, from line {citation.range.start.line + 1}")


asyncio.run(main())
