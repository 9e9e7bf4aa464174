import os
from typing import Any

import pytest

from rejoinder.lsp.configuration import LAYERS, Configuration, Resolved
from rejoinder.protocol.settings import Settings


def configured(
    *,
    flags: dict[str, Any] | None = None,
    environment: dict[str, str] | None = None,
    workspace: Any = None,
    options: Any = None,
    file: dict[str, Any] | None = None,
) -> Resolved:
    configuration = Configuration(flags=flags or {}, environment=environment or {}, file=file or {})
    configuration.set_workspace(workspace)
    configuration.set_initialization_options(options)
    return configuration.resolve()


def test_without_any_layer_the_defaults_count() -> None:
    found = configured()
    assert found.settings == Settings()
    assert set(found.sources.values()) == {"default"}
    assert found.problems == []


def test_the_stronger_layer_wins() -> None:
    assert LAYERS == ("flag", "environment", "workspace", "initializationOptions", "file", "default")
    layers: dict[str, Any] = {
        "flags": {"model": "flag"},
        "environment": {"REJOINDER_MODEL": "environment"},
        "workspace": {"model": "workspace"},
        "options": {"model": "initializationOptions"},
        "file": {"model": "file"},
    }
    for expected in LAYERS[:-1]:
        found = configured(**layers)
        assert (found.settings.model, found.sources["model"]) == (expected, expected)
        del layers[next(iter(layers))]


@pytest.mark.parametrize(
    ("name", "text", "key", "value"),
    [
        ("REJOINDER_BASE_URL", "http://x", "base_url", "http://x"),
        ("REJOINDER_MAX_TOKENS", "5", "max_tokens", 5),
        ("REJOINDER_TIMEOUT", "2.5", "timeout", 2.5),
        ("REJOINDER_TIMEOUT", "2", "timeout", 2.0),
        ("REJOINDER_RETRIEVE", "no", "retrieve", False),
        ("REJOINDER_RETRIEVE", "TRUE", "retrieve", True),
        ("REJOINDER_IGNORE", os.pathsep.join(["*.a", "b/"]), "ignore", ["*.a", "b/"]),
        ("REJOINDER_SESSION_SCOPE", "file", "session_scope", "file"),
        ("REJOINDER_TRASH_DAYS", "0", "trash_days", 0),
    ],
)
def test_the_environment_says_it_in_text(name: str, text: str, key: str, value: Any) -> None:
    found = configured(environment={name: text})
    assert getattr(found.settings, key) == value
    assert found.problems == []


@pytest.mark.parametrize(("name", "text"), [("MAX_TOKENS", "five"), ("RETRIEVE", "perhaps"), ("TIMEOUT", "soon")])
def test_what_the_environment_says_amiss_is_told(name: str, text: str) -> None:
    found = configured(environment={f"REJOINDER_{name}": text})
    assert found.settings == Settings()
    assert len(found.problems) == 1


def test_an_empty_variable_is_as_good_as_none() -> None:
    assert configured(environment={"REJOINDER_MODEL": ""}).sources["model"] == "default"


def test_the_log_may_be_nested_or_dotted() -> None:
    for workspace in ({"log": {"level": "debug"}}, {"log.level": "debug"}):
        found = configured(workspace=workspace)
        assert (found.settings.log.level, found.sources["log.level"]) == ("debug", "workspace")
    assert configured(environment={"REJOINDER_LOG_LEVEL": "error"}).settings.log.level == "error"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("model", 5),
        ("retrieve", "no"),
        ("maxTokens", 0),
        ("maxTokens", 1.5),
        ("timeout", 0),
        ("timeout", True),
        ("timeout", 10**400),
        ("timeout", float("nan")),
        ("contextTokens", 5),
        ("sessionScope", "everywhere"),
        ("sessionScope", ["file"]),
        ("onDisconnect", "panic"),
        ("ignore", "*.py"),
        ("ignore", [1]),
        ("trashDays", -1),
        ("log.level", "loud"),
    ],
    ids=lambda value: repr(value)[:20],
)
def test_a_bad_value_is_named_and_the_next_layer_counts(key: str, value: Any) -> None:
    found = configured(workspace={key: value, "temperature": 0.5})
    assert found.sources[key] == "default"
    assert found.settings.temperature == 0.5
    assert len(found.problems) == 1
    assert f"rejoinder.{key}" in found.problems[0]
    assert "workspace" in found.problems[0]


def test_a_bad_value_is_told_with_the_one_that_is_used() -> None:
    (default,) = configured(workspace={"sessionScope": "everywhere"}).problems
    assert default.endswith('(workspace); the default, "workspace", is used.')
    (other,) = configured(workspace={"trashDays": -1}, file={"trashDays": 3}).problems
    assert other.endswith("(workspace); the value of config.toml, 3, is used.")
    (none,) = configured(workspace={"temperature": "hot"}).problems
    assert none.endswith("(workspace); it does not count.")


def test_a_bad_value_falls_through_to_a_good_one() -> None:
    found = configured(workspace={"model": 5}, file={"model": "good"})
    assert (found.settings.model, found.sources["model"]) == ("good", "file")


@pytest.mark.parametrize("nonsense", [None, [], "x", 5])
def test_a_layer_that_is_no_table_is_empty(nonsense: Any) -> None:
    assert configured(workspace=nonsense, options=nonsense).settings == Settings()


def test_null_means_that_nothing_is_set() -> None:
    assert configured(workspace={"model": None}, file={"model": "m"}).settings.model == "m"


def test_an_empty_text_from_an_editors_form_means_that_nothing_is_set() -> None:
    found = configured(workspace={"model": "", "temperature": None}, file={"model": "extractive"})
    assert (found.settings.model, found.sources["model"], found.problems) == ("extractive", "file", [])


def test_unknown_keys_are_left_alone() -> None:
    assert configured(workspace={"future": 1}).problems == []


GUARDED: dict[str, Any] = {
    "baseUrl": "http://evil",
    "apiKeyEnv": "SECRET",
    "redact": False,
    "dataDir": "/x",
    "cacheDir": "/x",
    "embedder": "other",
    "proxy": "http://evil",
    "caFile": "/x",
    "idleSeconds": 1.0,
    "models": {"m": {"baseUrl": "http://evil"}},
}


@pytest.mark.parametrize("key", sorted(GUARDED))
def test_a_workspace_never_sets_what_is_guarded(key: str) -> None:
    values = {key: GUARDED[key]}
    assert configured(workspace=values).sources[key] == "default"
    assert configured(workspace={**values, "trusted": True}).sources[key] == "default"
    assert configured(options=values).sources[key] == "default"
    assert configured(options={**values, "trusted": "yes"}).sources[key] == "default"
    assert configured(options={**values, "trusted": True}).sources[key] == "initializationOptions"
    assert configured(options={"trusted": True}, workspace=values).sources[key] == "default"
    assert configured(file=values).sources[key] == "file"
    assert configured(flags=values).sources[key] == "flag"


def test_trust_ends_with_the_options_that_gave_it() -> None:
    configuration = Configuration(flags={}, environment={}, file={})
    configuration.set_initialization_options({"trusted": True, "baseUrl": "http://x"})
    assert configuration.trusted
    configuration.set_initialization_options({"baseUrl": "http://x"})
    assert not configuration.trusted
    assert configuration.resolve().settings.base_url is None


def test_every_setting_is_listed_with_where_it_came_from() -> None:
    found = configured(workspace={"model": "m"}, file={"log": {"level": "info"}})
    listed = {setting.key: setting for setting in found.listed()}
    assert (listed["model"].value, listed["model"].source, listed["model"].default) == ("m", "workspace", None)
    assert (listed["log.level"].value, listed["log.level"].source) == ("info", "file")
    assert (listed["trashDays"].value, listed["trashDays"].source, listed["trashDays"].default) == (7, "default", 7)
    assert all(setting.help for setting in listed.values())
    assert "log" not in listed
