"""What the model is told first, in this session (session object: system prompt, use system prompts)."""

from rejoinder_client import Client

SYSTEM = """You are a technical support agent for Acme Software.
- Ask clarifying questions when needed.
- Provide solutions step by step."""

with Client() as client:
    session = client.session(system=SYSTEM)
    print(session.preview("How do I read a file in Python?").messages[0].content)
    print(session.run("How do I read a file in Python?"))
