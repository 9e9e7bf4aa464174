"""Each user has a state, a memory and a conversation of his own (stateful session: multi-user sessions)."""

from rejoinder_client import Client

with Client() as client:
    session = client.session("app_main", user_id="user_123")
    session.set_state("theme", "dark")
    session.set_state("language", "en")
    session.store_long_memory("User prefers technical explanations", quality_score=0.8)
    print(session.run("Hello", system=f"User {session.user_id} prefers the theme {session.get_state('theme')}"))

    other = client.session("app_main", user_id="user_456")
    print(other.state, other.search_memory("explanations"), len(other.messages))
