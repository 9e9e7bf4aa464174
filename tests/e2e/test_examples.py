"""Every example runs as it stands, in a project and a home of the test's own, and prints what it shows."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from e2e.kit import Home
from fake_model import Call, FakeModel, Reply

FOLDER = Path(__file__).resolve().parents[2] / "clients" / "examples"
EXAMPLES = sorted(path for path in FOLDER.rglob("*") if path.suffix in (".py", ".sh"))
WITHOUT_A_MODEL = {"handle_errors", "stream_with_citations"}
WITH_A_FOLDER = {"own_folder", "own_storage"}
"""Examples with an engine of their own, which leaves with them."""

MODELS = {"ask_with_image": "echo-vision"}
"""The models of examples that need another one."""

READS = (Reply(text="", calls=(Call("read_file", '{"path": "calc.py"}'),)), Reply(text="It defines add."))
REPLIES: dict[str, tuple[Reply, ...]] = {
    "structured_output": (Reply(text='{"key_points": ["Kyoto"], "conclusion": "In spring."}'),) * 2,
    "ask_first": (
        Reply(text="", calls=(Call("cancel_order", '{"order_id": "1"}'),)),
        Reply(text="", calls=(Call("cancel_order", '{"order_id": "2", "reason": "late"}'),)),
        Reply(text="One of them is cancelled."),
    ),
    "default_tools": READS,
    "functions": (
        Reply(text="", calls=(Call("get_user_orders", '{"user_id": "user-123"}'),)),
        Reply(text="A laptop and a mouse."),
        Reply(text="Soon."),
    ),
    "in_an_event_loop": (
        Reply(text="", calls=(Call("weather", '{"city": "Osaka", "days": 2}'),)),
        Reply(text="Sandals."),
    ),
    "tools": READS,
}
"""What the model answers to examples that need something else than their own text."""

LINES = "Hello\nHow are you?\nexit\n"
"""What an example that reads its input is given."""

PRINTED = {
    "session_manager/basic_sessions.py": r"my_project: 2 messages\ndefault: 2 messages",
    "session_manager/damaged_session.py": r"1 sound message: First",
    "session_manager/delete_empty_sessions.py": r"Would go: never_used\nStill there: False",
    "session_manager/delete_old_sessions.py": r"0 sessions went, 1 are there",
    "session_manager/descriptive_ids.py": r"code_review_auth_module",
    "session_manager/export_session.py": r"## User\n\nHello\n\n## Assistant\n\nHi!",
    "session_manager/import_session.py": r"2 messages came in\n.*sessions=1, messages=2",
    "session_manager/interactive.py": r"4 messages in my_project",
    "session_manager/limit_size.py": r"5\d messages: 'Be brief.', 'Message \d+'",
    "session_manager/list_sessions.py": r"ID: my_project\n(.*\n)+Messages: 1\nMetadata: {'customer': 'Acme'}",
    "session_manager/many_sessions.py": r"3 sessions are about something",
    "session_manager/nothing_to_save.py": r"2 messages are there",
    "session_manager/one_session_for_each_topic.py": r"debugging: Debug this code\ndocs: .*\nresearch: Research topic",
    "session_manager/own_folder.py": r"1 session in .*/my_custom_sessions",
    "session_manager/save_and_load.py": r"user: Hello\nassistant: Hi! How can I help\?",
    "session_manager/session_commands.sh": r"factorial(.*\n)+.*coding_task +2 (.*\n)+.*coding_task +0 ",
    "session_manager/session_not_found.py": r"There is no session 'my_project'.\n.*\nmy_project is there now.",
    "session_manager/session_object.py": r"my_project, {'customer': 'Acme'}.*\n3 messages.*\n\['Be brief.'\]",
    "session_manager/where_sessions_are.py": r"Sessions lie in /(.*\n)+.*rejoinder-sessions",
    "session_manager/whole_collection.py": r"True 1 1\nTrue False None\nTrue",
    "session_manager/work_in_many_sessions.py": r"project_a: 2 messages\nproject_b: 2 messages\nresearch: 2 messages",
    "session_memory/ask_in_a_session.py": r"Summarize this topic\nresearch2: 2 messages",
    "session_memory/ask_with_image.py": r"Explain this chart\nfile:///.*/chart.png, 70 bytes",
    "session_memory/ask_with_image.sh": r"Explain this chart\n(.*\n)+.*user, image, .*chart.png",
    "session_memory/chat_loop.py": r"4 messages in long_chat",
    "session_memory/recall_within_a_session.py": r"topic: \['The .*'\]\n.*: \['Once.*'\]\n.*: \['Once.*, 'The",
    "session_memory/separate_topics.sh": r"build fail\?\n(.*\n)*.*of zebras\?\n(.*\n)*.*research_topic(.*\n)+.*debug",
    "session_memory/session_commands.sh": r"hello\n(.*\n)+.*Once upon a time(.*\n)+Cleared: 2 sessions, 4",
    "session_object/add_messages.py": r"user, manual: Custom user message\nassistant, manual: Custom",
    "session_object/agents.py": r"researcher: What is known.*\nwriter: What is known.*\nAnd of gnus\?",
    "session_object/as_a_dict.py": r"trip-copy: True",
    "session_object/clear_history.py": r"0 messages",
    "session_object/fork.py": r"original 4, fork 6, from its beginning 2",
    "session_object/fork_from_history.py": r"Trip to Japan:\n(  .*\n){2}Trip to Osaka:\n(  .*\n){4}",
    "session_object/handle_errors.py": r"Error: .+\n0 messages, and the draft 'Hello'",
    "session_object/history_to_begin_with.py": r"4 messages",
    "session_object/kept_in_memory.py": r"\['Hello'\]",
    "session_object/kept_in_sqlite.py": r"1 \['trip'\] True",
    "session_object/long_conversations.py": r"30 messages, 1 in 'Long, continued'\n(.*\n)*.*room 1 is 37",
    "session_object/multi_turn.py": r"0 messages so far\n(.*\n)*4 messages now",
    "session_object/own_session_id.py": r"user-123-conv-456",
    "session_object/read_history.py": r"Message count: 2\n\[user\]: My name is Alice\n\[assistant\]: .",
    "session_object/run.py": r"Explain this concept\n\d+ tokens by openai-compatible:echo",
    "session_object/run_async.py": r"Explain async/await",
    "session_object/save_and_restore.py": r"trip: 3 messages",
    "session_object/stream.py": r"Write a story\n2 messages",
    "session_object/stream_with_citations.py": r"def add(.*\n)+.* seconds, [1-9]\d* citations\n  calc.py",
    "session_object/structured_output.py": r"1 points: In spring.\nTrue, True",
    "session_object/structured_output.sh": r"In spring.",
    "session_object/support_sessions.py": r"True user-123",
    "session_object/system_prompt.py": r"technical support agent(.*\n)+.*How do I read a file in Python\?",
    "stateful_session/agent_with_knowledge.py": r"Which header does a request carry\?\n\['Authentication'\]",
    "stateful_session/agents.py": r"user: Research(.*\n)+Researcher: Research(.*\n)+user: Write(.*\n)+Writer: Write",
    "stateful_session/clean_up.py": r"1 forgotten",
    "stateful_session/configuration.py": r"its provider is `none`.*\n([4-9]|1\d) passages",
    "stateful_session/context.py": r"X-Key(.*\n)+.*Mondays(.*\n)+.*How do I authenticate\?",
    "stateful_session/dates.py": r"datetime, 06 May 2024\n.*JSON knows no builtin_function_or_method",
    "stateful_session/knowledge.py": r"Key findings: #(.*\n)+.*research_paper.md(.*\n)+What are the key findings\?",
    "stateful_session/memory.py": r"User's favorite color: blue",
    "stateful_session/own_storage.py": r".*/my_sessions False",
    "stateful_session/remote_session.py": r"remote session: True\nHello from the client\n.* no `save_state`",
    "stateful_session/restore_a_session.py": r"Project progress: 75%\nCompleted unit tests successfully",
    "stateful_session/save_and_restore.py": r"Handling ticket SUP-456 for John Doe",
    "stateful_session/save_by_hand.py": r"False {} 0\nTrue {'draft': 1} 1",
    "stateful_session/update_state.py": r"{'score': 10, 'level': 1, 'inventory': \['sword'\]}",
    "stateful_session/users.py": r"Hello\n{} \[\] 0",
    "terminal/agents.sh": r"No agents(.*\n)+writer +Technical Writer(.*\n)+\[writer\]\nReport(.*\n)+.*, writer\]",
    "terminal/chat_in_session.sh": r"What are the first steps\?",
    "terminal/create_session.sh": r"Project Pegasus Planning",
    "terminal/delete_session.sh": r"Learning Python",
    "terminal/list_sessions.sh": r"No sessions found(.*\n)+.*Learning Python",
    "terminal/quick_chat.sh": r"capital of France(.*\n)+No sessions found",
    "terminal/rename_session.sh": r"Python Learning Journey",
    "terminal/switch_session.sh": r"Learning Python(.*\n)*.*Project Pegasus Planning(.*\n)+.*Where were we",
    "tools/ask_first.py": r"cancel_order {.*'1'}\n.*'2'.*\nOne of .*\n{'1': 'shipped', '2': 'cancelled, late'}",
    "tools/default_tools.py": r"read_file: (.*\n)+It defines add.",
    "tools/functions.py": r"A laptop.*\nSoon.\nget_user_orders\({'user_id': 'user-123'}\): done, \[{\"id\":\"1\"",
    "tools/in_an_event_loop.py": r"calls weather with {.*'Osaka'.*}\nis told: Osaka: sunny for 2 days\nSandals.",
    "tools/tools.sh": r"read_file +built-in +no(.*\n)+It defines add.\n(.*\n)+→ read_file\(path=\"calc.py\"\)",
}


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.relative_to(FOLDER).as_posix())
def test_an_example_prints_what_it_shows(home: Home, tmp_path: Path, model: FakeModel, example: Path) -> None:
    (tmp_path / "calc.py").write_text("def add(a, b):\n    return a + b\n")
    name = f"openai-compatible:{MODELS.get(example.stem, 'echo')}"
    models = {"REJOINDER_MODEL": name, "REJOINDER_BASE_URL": model.url, "REJOINDER_RETRIEVE": "no"}
    model.script(*REPLIES.get(example.stem, ()))
    environment = home.environment | ({} if example.stem in WITHOUT_A_MODEL else models)
    if example.stem in WITH_A_FOLDER:
        environment["REJOINDER_IDLE_SECONDS"] = "0"
    environment["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), environment["PATH"]])
    command = [sys.executable, str(example)] if example.suffix == ".py" else ["sh", "-e", str(example)]
    ended = subprocess.run(
        command, cwd=tmp_path, env=environment, input=LINES, capture_output=True, text=True, timeout=120
    )
    assert ended.returncode == 0, ended.stderr
    assert re.search(PRINTED[example.relative_to(FOLDER).as_posix()], ended.stdout), ended.stdout + ended.stderr


def test_every_example_is_in_the_index_and_says_what_it_shows() -> None:
    index = (FOLDER / "README.md").read_text("utf-8")
    for example in EXAMPLES:
        name = example.relative_to(FOLDER).as_posix()
        first, second = example.read_text("utf-8").splitlines()[:2]
        subject = example.parent.name.replace("_", " ")
        assert f"({subject}: " in (second if example.suffix == ".sh" else first), name
        assert f"]({name})" in index, name
    assert set(PRINTED) == {example.relative_to(FOLDER).as_posix() for example in EXAMPLES}
