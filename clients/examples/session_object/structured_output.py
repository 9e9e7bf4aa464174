"""An answer as an object of one's own class (session object: json, structured output)."""

from pydantic import BaseModel

from rejoinder_client import Client, Message


class Summary(BaseModel):
    """What was talked about."""

    key_points: list[str]
    conclusion: str


with Client() as client:
    session = client.session(messages=[Message.user("Tokyo or Kyoto?"), Message.assistant("Kyoto in spring.")])
    summary = session.ask("Summarize our conversation", schema=Summary)
    print(f"{len(summary.key_points)} points: {summary.conclusion}")

    response = session.json("Summarize our conversation", schema=Summary)
    print(f"{response.output == summary}, {response.usage.output_tokens > 0}")
