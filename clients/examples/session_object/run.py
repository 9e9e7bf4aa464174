"""One turn with settings of its own (session object: run)."""

from rejoinder_client import Client

with Client() as client:
    answer = client.session().run("Explain this concept", temperature=0.7, max_tokens=500)
    print(answer.text)
    print(f"{answer.usage.output_tokens} tokens by {answer.model}")
