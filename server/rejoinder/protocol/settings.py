"""Every setting of the section `rejoinder`, declared once."""

from typing import Any, Literal

import attrs

from rejoinder.protocol.types import Scope


def setting(
    default: Any, help: str, *, guarded: bool = False, minimum: float | None = None, file_only: bool = False
) -> Any:
    """A setting's field. `guarded`: it never counts when it comes from a workspace that is not trusted.

    `file_only`: it counts only when it comes from the user's own `config.toml`.
    """
    factory = attrs.Factory(type(default)) if isinstance(default, list | dict) else default
    metadata = {"help": help, "guarded": guarded, "minimum": minimum, "file_only": file_only}
    return attrs.field(default=factory, metadata=metadata)


@attrs.frozen(kw_only=True)
class Log:
    """Settings of the log."""

    level: Literal["debug", "info", "warning", "error"] = setting("warning", "How much the log says.")


@attrs.frozen(kw_only=True)
class Budget:
    """Limits of use. A turn that would begin when one is reached is refused; from four fifths on, turns tell of it."""

    day: float | None = setting(
        None, "Most US dollars of a day (UTC). Answers whose price is not known do not count.", guarded=True, minimum=0
    )
    session: float | None = setting(None, "Most US dollars of a session.", guarded=True, minimum=0)
    day_tokens: int | None = setting(None, "Most tokens of a day (UTC), in and out.", guarded=True, minimum=0)
    session_tokens: int | None = setting(None, "Most tokens of a session, in and out.", guarded=True, minimum=0)


@attrs.frozen(kw_only=True)
class Memory:
    """Settings of the memory, unless a session says otherwise."""

    provider: str = setting(
        "builtin",
        "What keeps the memory: `builtin`, `none`, or the name of an entry point `rejoinder.memory`.",
        guarded=True,
    )
    vector_store: str = setting(
        "exact",
        "What finds in it: `exact` (words and vectors), `none` (words alone), or an entry point "
        "`rejoinder.vector_stores`.",
        guarded=True,
    )
    path: str | None = setting(
        None, "Folder for the files of a provider that is not built in. Unset: one in `dataDir`.", guarded=True
    )


@attrs.frozen(kw_only=True)
class Knowledge:
    """Settings of the knowledge, unless a session says otherwise."""

    provider: str = setting(
        "builtin",
        "What keeps the knowledge: `builtin`, `none`, or the name of an entry point `rejoinder.knowledge`.",
        guarded=True,
    )
    vector_store: str = setting(
        "exact",
        "What finds in it: `exact` (words and vectors), `none` (words alone), or an entry point "
        "`rejoinder.vector_stores`.",
        guarded=True,
    )
    path: str | None = setting(
        None, "Folder for the files of a provider that is not built in. Unset: one in `dataDir`.", guarded=True
    )
    chunker: str = setting(
        "syntax",
        "How documents are cut into passages: `syntax`, `lines`, `paragraphs`, `sentences`, or the name of an entry "
        "point `rejoinder.chunkers`.",
        guarded=True,
    )
    chunk_size: int = setting(1200, "Most characters of a passage of a document.", minimum=100)


@attrs.frozen(kw_only=True)
class Tools:
    """Settings of the tools that models may call."""

    use: list[str] = setting(
        [],
        "Tools of a turn that names none: `default` (those built in that only read), `all`, names of tools, or of "
        "servers that have some. Empty: none.",
    )
    timeout: float = setting(60.0, "Seconds that one call may take.", minimum=1)
    rounds: int = setting(12, "How often a model may call tools before it has to answer.", minimum=1)
    output_limit: int = setting(65536, "Most bytes of a call's output; what is longer is cut.", minimum=256)


@attrs.frozen(kw_only=True)
class Settings:
    """All settings, with their defaults."""

    model: str | None = setting(
        None,
        "Which model answers: `extractive`, `openai-compatible:NAME`, `ollama:NAME`, `openai:NAME`, `anthropic:NAME`, "
        "`google:NAME`, or the name of a `[models.NAME]` table. Unset: the built-in extractive answer.",
    )
    base_url: str | None = setting(
        None, "Address of an OpenAI-compatible server, such as `http://localhost:8080/v1`.", guarded=True
    )
    api_key_env: str | None = setting(
        None, "Name of the environment variable that holds the key; never the key itself.", guarded=True
    )
    api_key_keyring: str | None = setting(
        None, "Where the system's keyring holds the key, as `SERVICE/USER`, instead of a variable.", guarded=True
    )
    fallbacks: list[str] = setting([], "Models that are asked in turn when the first one cannot answer.")
    temperature: float | None = setting(None, "Sampling temperature. Unset: the model's own.", minimum=0)
    max_tokens: int | None = setting(None, "Most tokens of one answer. Unset: the model's own.", minimum=1)
    effort: Literal["minimal", "low", "medium", "high"] | None = setting(
        None, "How much a model may think before it answers. Unset: the model's own."
    )
    timeout: float = setting(60.0, "Seconds without a byte from the model before a turn fails.", minimum=0.1)
    context_tokens: int | None = setting(
        None,
        "Tokens that the model takes in, prompt and answer together. Unset: what is known of the model.",
        minimum=256,
    )
    session_scope: Scope = setting(
        "workspace",
        "What a session belongs to when none is named: the `workspace`, each `file`, or `none`.",
    )
    retrieve: bool = setting(True, "Whether passages of the project and of past messages are looked up for a turn.")
    embedder: str = setting("builtin", "What turns text into vectors.", guarded=True)
    data_dir: str | None = setting(None, "Folder of the sessions. Unset: the platform's data folder.", guarded=True)
    store: str = setting(
        "tinydb",
        "What keeps the sessions, looked at when the engine starts: `tinydb`, `sqlite`, `memory` (gone with the "
        "engine), an address such as `redis://HOST:PORT/0`, or an entry point `rejoinder.stores`.",
        guarded=True,
    )
    cache_dir: str | None = setting(None, "Folder of the indexes. Unset: the platform's cache folder.", guarded=True)
    history: bool = setting(True, "Whether past commits help to find files.")
    ignore: list[str] = setting([], "Patterns of files that stay out of the index, as in `.gitignore`.")
    redact: bool = setting(True, "Whether known shapes of secrets are masked before a model sees them.", guarded=True)
    instructions: list[str] = setting(
        [], "Files with instructions for the model. Empty: `AGENTS.md` and its like in the project's folder."
    )
    on_disconnect: Literal["continue", "cancel"] = setting(
        "continue", "What becomes of a running turn when its client goes away."
    )
    trash_days: int = setting(7, "Days that a deleted session stays in the trash.", minimum=0)
    retention_days: int | None = setting(
        None,
        "Days after which an unused session that is not pinned goes to the trash, looked at when the engine starts. "
        "Unset: never.",
        minimum=1,
    )
    proxy: str | None = setting(None, "Address of a proxy for the model's connection.", guarded=True)
    ca_file: str | None = setting(None, "File with the certificates to trust for the model's connection.", guarded=True)
    idle_seconds: float = setting(
        30.0, "Seconds that the engine stays after its last client has gone.", guarded=True, minimum=0
    )
    log: Log = attrs.field(factory=Log, metadata={"help": "", "guarded": False, "minimum": None})
    budget: Budget = attrs.field(factory=Budget, metadata={"help": "", "guarded": True, "minimum": None})
    memory: Memory = attrs.field(factory=Memory, metadata={"help": "", "guarded": True, "minimum": None})
    knowledge: Knowledge = attrs.field(factory=Knowledge, metadata={"help": "", "guarded": True, "minimum": None})
    tools: Tools = attrs.field(factory=Tools, metadata={"help": "", "guarded": False, "minimum": None})
    models: dict[str, dict[str, Any]] = setting(
        {},
        "Named models: `[models.NAME]` tables of `model`, `baseUrl`, `apiKeyEnv`, `apiKeyKeyring`, `timeout`, "
        "`contextTokens`, `temperature`, `maxTokens`, `effort`, `proxy`, `caFile`, `fallbacks`, `vision`, `tools`, and "
        "`inputPrice`, "
        "`outputPrice`, `cachedInputPrice` in US dollars for a million tokens.",
        guarded=True,
    )
    agents: dict[str, dict[str, Any]] = setting(
        {},
        "Agents who may answer: `[agents.NAME]` tables of `role`, `goal`, `instructions`, `description`, `model`, "
        "`tools` and `knowledge`. Files `agents/NAME.md` beside `config.toml` are more of them.",
        guarded=True,
    )
    mcp: dict[str, dict[str, Any]] = setting(
        {},
        "Servers of the Model Context Protocol whose tools a model may have, in `config.toml` alone: `[mcp.NAME]` "
        "tables of `command`, `args`, `env`, or of `url`, `headers`; of `tools` (only these), `read` (tools that do "
        "not ask), `trusted` (none asks) and `timeout`. `${VARIABLE}` in a value stands for a variable's, as for keys.",
        guarded=True,
        file_only=True,
    )
    servers: dict[str, str] = setting(
        {},
        "Addresses of servers on this machine that are not where they usually are: `ollama`, `lmstudio`, `llamacpp`, "
        "`vllm`. One with an empty address is not looked for.",
        guarded=True,
    )
