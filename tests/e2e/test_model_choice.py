"""Models as a user chooses them: by name, within a session, with others in reserve, and within a budget."""

from pathlib import Path
from typing import Any

import pytest

from e2e.kit import Editor, Home, types_of
from fake_model import DEFAULT_TEXT, FakeModel, Reply

NOWHERE = {"ollama": "", "lmstudio": "", "llamacpp": "", "vllm": ""}


def options(**more: Any) -> dict[str, Any]:
    return {"trusted": True, "retrieve": False, "servers": NOWHERE, **more}


def statuses(editor: Editor) -> list[str]:
    return [update["update"]["message"] for update in editor.taken() if update["update"]["type"] == "status"]


async def test_one_session_goes_on_with_other_providers(home: Home, project: Path, model: FakeModel) -> None:
    named = {
        "plain": {"model": "openai-compatible:x", "baseUrl": model.url},
        "claude": {"model": "anthropic:claude-test", "baseUrl": model.root, "effort": "low"},
        "gemini": {"model": "google:gemini-2.5-flash", "baseUrl": model.root, "apiKeyEnv": "OTHER_API_KEY"},
    }
    keys = {"ANTHROPIC_API_KEY": "sk-one", "OTHER_API_KEY": "sk-two"}
    async with home.editor(project, options=options(model="plain", models=named), **keys) as editor:
        model.script(Reply(text="First."), Reply(thoughts=("Hm.",), text="Second.", cached=5), Reply(text="Third."))
        await editor.call("chat", text="One?", sessionId="s")
        editor.taken()
        answer = await editor.call("chat", text="Two?", sessionId="s", model="claude")
        assert answer["model"] == "anthropic:claude-test" and answer["usage"]["cachedTokens"] == 5
        assert "thought" in types_of(editor.taken())
        await editor.call("session/update", sessionId="s", model="gemini")
        await editor.call("chat", text="Three?", sessionId="s")
        await editor.call("chat", text="Four?", sessionId="s", model="plain")
        _, claude, gemini, plain = (request.json for request in model.requests)
        said = ["One?", "First.", "Two?", "Second.", "Three?", "Third.", "Four?"]
        assert [block["text"] for turn in claude["messages"] for block in turn["content"]] == said[:3]
        assert [part["text"] for turn in gemini["contents"] for part in turn["parts"]] == said[:5]
        assert [message["content"] for message in plain["messages"][1:]] == said
        assert await editor.contents("s") == [*said, DEFAULT_TEXT]


async def test_turns_in_a_row_share_all_that_is_old(home: Home, project: Path, model: FakeModel) -> None:
    (project / "notes.md").write_text("Words that no question holds.")
    attached = [{"uri": (project / "notes.md").as_uri()}]
    async with home.editor(project, model=model) as editor:
        for text in ("First question?", "Second question?", "Third question?"):
            await editor.call("chat", text=text, sessionId="s", attachments=attached)
        first, second, third = (request.body for request in model.requests)
        assert b"notes.md" in first and b"notes.md" in second
        for before, after in ((first, second), (second, third)):
            # what stands before the context of the earlier turn is the same to the byte: instructions and history
            stable = before[: before.rindex(b"[attached")]
            assert after.startswith(stable)
        assert b"First question?" in stable and DEFAULT_TEXT.encode() in stable


async def test_a_fallback_answers_and_the_message_says_so(home: Home, project: Path, model: FakeModel) -> None:
    named = {
        "first": {"model": "openai-compatible:status-503", "baseUrl": model.url, "fallbacks": ["second"]},
        "second": {"model": "openai-compatible:second", "baseUrl": model.url},
    }
    model.script(*[Reply(status=429, headers={"retry-after": "3600"})])
    async with home.editor(project, options=options(model="first", models=named)) as editor:
        answer = await editor.call("chat", text="Hello?", sessionId="s")
        assert (answer["text"], answer["model"]) == (DEFAULT_TEXT, "openai-compatible:second")
        assert any("openai-compatible:second is asked instead" in message for message in statuses(editor))
        page = await editor.call("session/history", sessionId="s")
        assert page["messages"][-1]["model"] == "openai-compatible:second"


async def test_a_budget_is_told_of_and_then_refuses(fresh_home: Home, project: Path, model: FakeModel) -> None:
    priced = {"model": "openai-compatible:x", "baseUrl": model.url, "outputPrice": 100_000}
    budget = {"day": 2.3, "session": 50}
    async with fresh_home.editor(project, options=options(model="mine", models={"mine": priced}, budget=budget)) as one:
        # twelve words, ten cents each
        first = await one.call("chat", text="One?", sessionId="s")
        assert first["usage"]["cost"] == pytest.approx(1.2)
        assert statuses(one) == []
        await one.call("chat", text="Two?", sessionId="s")
        error = await one.refused("chat", text="Three?", sessionId="s")
        assert error["code"] == -31009 and "budget.day" in error["data"]["hint"] and len(model.requests) == 2
        assert await one.contents("s") == ["One?", DEFAULT_TEXT, "Two?", DEFAULT_TEXT]
        session = await one.call("session/get", sessionId="s")
        assert session["draft"] == "Three?" and session["usage"]["cost"] == pytest.approx(2.4)
        assert (await one.call("chat", text="Three?", sessionId="s", model="extractive"))["model"] == "extractive"
    fresh_home.kill()
    async with fresh_home.editor(project, options=options(model="mine", models={"mine": priced}, budget=budget)) as two:
        assert (await two.refused("chat", text="Four?", sessionId="other"))["code"] == -31009
        used = await two.call("usage")
        (day,) = used["days"]
        assert (day["model"], day["turns"]) == ("openai-compatible:x", 2)
        assert used["budgets"] == [{"key": "budget.day", "limit": 2.3, "used": pytest.approx(2.4)}]
        assert used["total"] == day["usage"] and used["total"]["cost"] == pytest.approx(2.4)
        assert (await two.refused("usage", days=0))["code"] == -32602


async def test_what_runs_here_is_offered_and_used_after_a_yes(fresh_home: Home, project: Path) -> None:
    with FakeModel(models=("small",)) as local:
        given = options(servers={**NOWHERE, "ollama": local.url})
        async with fresh_home.editor(project, options=given, OPENAI_API_KEY="sk-one") as editor:
            assert local.listings == []
            assert (await editor.call("chat", text="Hello?"))["model"] == "extractive"
            listed = await editor.call("models", offer=True)
            assert [model["id"] for model in listed["offers"]] == ["ollama:small", "openai:NAME"]
            assert listed["current"] == "extractive" and local.requests == []
            assert (await editor.call("models", offer=True))["offers"] == []
            assert (await editor.call("models", offer=True, again=True))["offers"] == listed["offers"]
            assert (await editor.refused("models/use", model="nobody"))["code"] == -31004
            assert await editor.call("models/use", model="ollama:small") == {"current": "ollama:small"}
        fresh_home.kill()
        async with fresh_home.editor(project, options=given) as editor:
            assert (await editor.call("chat", text="Hello?"))["model"] == "ollama:small"
            assert await editor.call("models/use") == {"current": "extractive"}


async def test_keys_are_in_no_file_and_no_reply(fresh_home: Home, project: Path, model: FakeModel) -> None:
    table = {"model": "anthropic:claude-test", "baseUrl": model.root, "apiKeyEnv": "WORK_API_KEY"}
    async with fresh_home.editor(
        project, options=options(model="mine", models={"mine": table}), WORK_API_KEY="sk-secret-of-mine"
    ) as editor:
        await editor.call("chat", text="Hello?", sessionId="s")
        assert "sk-secret-of-mine" in model.requests[0].headers["authorization"]
        model.script(Reply(status=401))
        told = [await editor.refused("chat", text="Hello?", sessionId="s"), editor.taken()]
        told += [await editor.call("models"), await editor.call("config"), await editor.call("usage")]
        assert "sk-secret-of-mine" not in str(told)
    assert b"sk-secret-of-mine" not in fresh_home.everything_written()


async def test_a_table_in_the_users_file_with_a_key_where_the_client_runs(
    fresh_home: Home, project: Path, model: FakeModel
) -> None:
    async with fresh_home.editor(project, options=options()) as editor:
        # the engine runs already, without that variable
        assert (await editor.call("chat", text="Hello?"))["model"] == "extractive"
        fresh_home.config.parent.mkdir(parents=True)
        fresh_home.config.write_text(
            f'model = "mine"\n[models.mine]\nmodel = "openai-compatible:x"\nbaseUrl = "{model.url}"\n'
            'apiKeyEnv = "TOKEN_OF_MINE"\nmaxTokens = 70\n'
        )
        async with fresh_home.editor(project, options=options(), TOKEN_OF_MINE="sk-one") as second:
            assert (await second.call("chat", text="Hello?"))["model"] == "openai-compatible:x"
        assert model.requests[0].headers["authorization"] == "Bearer sk-one"
        assert model.requests[0].json["max_tokens"] == 70
        fresh_home.config.write_text('model = "mine"\n[models.mine]\nmodel = "ollama:x"\nmaxToken = 70\n')
        async with fresh_home.editor(project, options=options()) as third:
            error = await third.refused("chat", text="Hello?")
            assert error["code"] == -31004 and "`maxTokens`" in error["data"]["hint"]
            listed = await third.call("models")
            (broken,) = [found for found in listed["models"] if found["id"] == "mine"]
            assert not broken["configured"] and "'maxToken'" in broken["label"]


async def test_an_empty_key_is_told_before_anything_is_sent(home: Home, project: Path, model: FakeModel) -> None:
    table = {"model": "openai-compatible:x", "baseUrl": model.url, "apiKeyEnv": "WORK_API_KEY"}
    async with home.editor(project, options=options(model="mine", models={"mine": table}), WORK_API_KEY="") as editor:
        error = await editor.refused("chat", text="Hello?", sessionId="s")
        assert error["code"] == -31004 and "WORK_API_KEY" in error["message"] and model.requests == []


async def test_s1_08_lsp_four_turns_in_four_sessions_stream_at_once(
    home: Home, project: Path, model: FakeModel
) -> None:
    names = ("red", "green", "blue", "white")
    questions = {name: " ".join(f"{name}{number}" for number in range(20)) for name in names}
    gates = [model.gate() for _ in names]
    model.script(*(Reply(echo=True, gate=gate) for gate in gates))
    async with home.editor(project, model=model) as editor:
        for name in names:
            await editor.call("session/create", sessionId=name, label=f"the {name} one")
        requests = {name: editor.send_for("chat", text=questions[name], sessionId=name) for name in names}
        for gate in gates:
            gate.release(2)
        begun: set[str] = set()
        while begun != set(names):
            begun.add((await editor.update("text"))["sessionId"])
        for gate in gates:
            gate.open()
        for name in names:
            assert (await editor.result_of(requests[name]))["text"] == questions[name]
            assert await editor.contents(name) == [questions[name], questions[name]]
        for update in editor.taken():
            if update["update"]["type"] == "text":
                assert all(word.startswith(update["sessionId"]) for word in update["update"]["text"].split())
        listed = await editor.call("session/list")
        assert {session["label"] for session in listed["sessions"]} == {f"the {name} one" for name in names}
