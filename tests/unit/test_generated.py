"""What is generated from the protocol and committed is what the protocol says now."""

import json
from pathlib import Path

import pytest

from rejoinder.protocol import editor_settings, generate, lua, typescript
from rejoinder.protocol.errors import ErrorCode
from rejoinder.protocol.methods import METHODS, Nothing

PACKAGE = {
    "name": "rejoinder",
    "contributes": {
        "commands": [{"command": "rejoinder.openChat"}],
        "configuration": {
            "title": "Rejoinder",
            "properties": {"rejoinder.path": {"type": "string"}, "rejoinder.model": {"type": "number"}},
        },
    },
    "capabilities": {
        "untrustedWorkspaces": {
            "supported": "limited",
            "description": "Less.",
            "restrictedConfigurations": ["rejoinder.path", "rejoinder.gone"],
        }
    },
}


@pytest.mark.parametrize("name", generate.FILES)
def test_a_generated_file_is_current(name: str) -> None:
    before = (generate.ROOT / name).read_text("utf-8")
    assert generate.FILES[name](before) == before, "run: python -m rejoinder.protocol.generate"


@pytest.mark.parametrize("text", [typescript.text(), lua.text()], ids=["TypeScript", "Lua"])
def test_a_client_finds_every_method_and_every_error(text: str) -> None:
    for method in METHODS:
        assert f'"{method.wire}"' in text and f'"{method.command}"' in text
        for declared in (method.params, method.result):
            assert declared is Nothing or declared.__name__ in text
    for code in ErrorCode:
        assert str(code.value) in text


def test_what_is_optional_on_the_wire_is_optional_in_the_types() -> None:
    text = typescript.text()
    params = text[text.index("export interface SessionClearParams") :]
    assert "sessionId: string;" in params[: params.index("}")]
    assert "keepSystem?: boolean;" in params[: params.index("}")]
    result = text[text.index("export interface Usage ") :]
    assert "inputTokens: number;" in result and "cost?: number;" in result[: result.index("}")]
    assert 'type: "end";' in text


def test_a_package_keeps_what_is_its_own() -> None:
    made = json.loads(editor_settings.with_settings(json.dumps(PACKAGE)))
    own, generated = made["contributes"]["configuration"]
    assert own == {"title": "Rejoinder", "properties": {"rejoinder.path": {"type": "string"}}}
    assert generated["properties"]["rejoinder.sessionScope"]["enum"] == ["workspace", "file", "none"]
    assert generated["properties"]["rejoinder.model"]["type"] == "string"
    assert made["contributes"]["commands"] == [{"command": "rejoinder.openChat"}]
    workspaces = made["capabilities"]["untrustedWorkspaces"]
    assert workspaces["description"] == "Less."
    assert workspaces["restrictedConfigurations"] == ["rejoinder.path", *editor_settings.properties()]
    assert {"rejoinder.baseUrl", "rejoinder.model"} <= {*workspaces["restrictedConfigurations"]}
    again = json.dumps(made, indent=2, ensure_ascii=False) + "\n"
    assert editor_settings.with_settings(again) == again


def test_a_help_file_keeps_what_is_its_own() -> None:
    begin, end = editor_settings.HELP_BEGIN, editor_settings.HELP_END
    made = editor_settings.with_help(f"before\n{begin}\nfrom another time\n{end}\nafter\n")
    assert made.startswith(f"before\n{begin}\n") and made.endswith(f"{end}\nafter\n") and "another time" not in made
    assert "sessionScope ~" in made and max(map(len, made.splitlines())) <= 78
    with pytest.raises(ValueError, match="settings-begin"):
        editor_settings.with_help("nothing here\n")


def test_checking_writes_nothing_and_says_what_is_not_current(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(generate, "ROOT", tmp_path)
    assert generate.main(["--check"]) == 1
    assert list(tmp_path.iterdir()) == []
    assert "editors/vscode/src/generated/protocol.ts" in capsys.readouterr().out
