"""Which module may import which, read from the sources themselves."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = {
    **{path: path.relative_to(ROOT / "server") for path in (ROOT / "server").rglob("*.py")},
    **{path: path.relative_to(ROOT / "clients") for path in (ROOT / "clients").rglob("*.py")},
}
MODULES = {".".join(short.with_suffix("").parts).removesuffix(".__init__"): path for path, short in SOURCES.items()}
LONGEST_FILE = 300
LONGEST_FUNCTION = 40

ALLOWED = {
    "rejoinder.domain": ("rejoinder.domain",),
    "rejoinder.services": ("rejoinder.services", "rejoinder.domain"),
    "rejoinder.protocol": ("rejoinder.protocol",),
    "rejoinder.platform": (),
    "rejoinder.adapters": (
        *("rejoinder.adapters", "rejoinder.domain", "rejoinder.services.ports", "rejoinder.services.model_ports"),
        *("rejoinder.services.store_thread", "rejoinder.platform", "rejoinder.index"),
        *("rejoinder.services.store_ports", "rejoinder.services.copying"),
        *("rejoinder.services.provider_ports", "rejoinder.services.knowledge_ports", "rejoinder.services.recall_ports"),
        *("rejoinder.services.tool_ports", "rejoinder.services.named_files"),
    ),
    "rejoinder.index": ("rejoinder.index", "rejoinder.domain", "rejoinder.services.ports", "rejoinder.platform"),
    "rejoinder.engine": (
        *("rejoinder.engine", "rejoinder.services", "rejoinder.domain", "rejoinder.platform", "rejoinder.__version__"),
    ),
    "rejoinder.lsp": (
        *("rejoinder.lsp", "rejoinder.services", "rejoinder.domain", "rejoinder.protocol", "rejoinder.platform"),
        *("rejoinder.engine.subscriptions", "rejoinder.__version__"),
    ),
    "rejoinder.http": (
        *("rejoinder.http", "rejoinder_client", "rejoinder.protocol", "rejoinder.platform", "rejoinder.__version__"),
        *("rejoinder.domain", "rejoinder.engine.network"),
    ),
    "rejoinder_client": ("rejoinder_client", "rejoinder.protocol"),
}
EVERYWHERE = "rejoinder.declared"
"""How values are declared, in each layer of the server."""

LIBRARIES = {
    "rejoinder.domain": {"attrs"},
    "rejoinder.domain.documents": {"attrs", "orjson"},
    "rejoinder.services": {"attrs", "orjson"},
    "rejoinder.protocol": {"attrs"},
    "rejoinder.protocol.converter": {"attrs", "cattrs"},
    "rejoinder.platform": {"platformdirs"},
    "rejoinder.engine": {"attrs", "orjson"},
    "rejoinder.engine.websocket": {"websockets"},
    "rejoinder.http": {"attrs", "orjson", "pydantic", "starlette", "uvicorn"},
    "rejoinder.http.command": set(),
    "rejoinder.cli": set(),
    "rejoinder.network_cli": set(),
}

HOMES = {
    "pygls": "rejoinder.lsp",
    "lsprotocol": "rejoinder.lsp",
    "tinydb": "rejoinder.adapters",
    "toon_format": "rejoinder.adapters.foreign_files",
    "pydantic_ai": "rejoinder.adapters",
    "openai": "rejoinder.adapters.openai_dialect",
    "anthropic": "rejoinder.adapters.anthropic_dialect",
    "google": "rejoinder.adapters.google_dialect",
    "jsonschema": "rejoinder.adapters.json_schema",
    "pydantic_core": ("rejoinder.adapters.json_schema_safety", "rejoinder.adapters.mcp_", "rejoinder_client.tools"),
    "genai_prices": "rejoinder.adapters.model_prices",
    "keyring": "rejoinder.adapters.keyring_keys",
    "redis": ("rejoinder.adapters.redis_history", "rejoinder.adapters.redis_lease"),
    "pypdfium2": "rejoinder.adapters.documents.pdf",
    "docx": "rejoinder.adapters.documents.office",
    "pptx": "rejoinder.adapters.documents.office",
    "openpyxl": "rejoinder.adapters.documents.office",
    "pathspec": "rejoinder.index.ignore_files",
    "yaml": "rejoinder.adapters.markdown_files",
    "tree_sitter": "rejoinder.index.syntax",
    "watchfiles": "rejoinder.index.watching",
    "mcp": "rejoinder.adapters.mcp_",
    "anyio": "rejoinder.adapters.mcp_",
    "griffe": "rejoinder_client.tool_schema",
    "websockets": "rejoinder.engine.websocket",
    "starlette": "rejoinder.http",
    "uvicorn": "rejoinder.http",
    "cattrs": ("rejoinder.protocol.converter", "rejoinder.lsp.standard"),
}
"""The one place that knows a library."""


def imports(tree: ast.AST, module: str) -> Iterator[str]:
    """The full names of all that is imported, also within functions."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module} imports relatively"
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                is_ours = str(node.module).split(".")[0] in ("rejoinder", "rejoinder_client")
                yield full if full in MODULES or (is_ours and "." not in str(node.module)) else str(node.module)


def parsed(module: str) -> ast.Module:
    return ast.parse(MODULES[module].read_text("utf-8"))


def rule_for(module: str, rules: dict[str, object]) -> object | None:
    """The rule of the longest name that the module lies in."""
    fitting = [name for name in rules if module == name or module.startswith(name + ".")]
    return rules[max(fitting, key=len)] if fitting else None


@pytest.mark.parametrize("module", sorted(MODULES))
def test_imports_go_one_way(module: str) -> None:
    allowed = rule_for(module, dict(ALLOWED))
    if allowed is None:
        return
    assert isinstance(allowed, tuple)
    allowed = (*allowed, EVERYWHERE) if module.startswith("rejoinder.") else allowed
    for name in imports(parsed(module), module):
        if name.split(".")[0] in ("rejoinder", "rejoinder_client"):
            assert any(name == layer or name.startswith(layer + ".") for layer in allowed), f"{module} imports {name}"


@pytest.mark.parametrize("module", sorted(MODULES))
def test_libraries_stay_where_they_belong(module: str) -> None:
    libraries = rule_for(module, dict(LIBRARIES))
    if libraries is None:
        return
    assert isinstance(libraries, set)
    for name in imports(parsed(module), module):
        top = name.split(".")[0]
        own = top in ("rejoinder", "rejoinder_client")
        assert own or top in sys.stdlib_module_names or top in libraries, f"{module} imports {name}"


@pytest.mark.parametrize("module", sorted(MODULES))
def test_each_library_is_known_in_one_place(module: str) -> None:
    for name in imports(parsed(module), module):
        home = HOMES.get(name.split(".")[0])
        assert home is None or module.startswith(home), f"{module} imports {name}"


def test_only_the_top_imports_the_top() -> None:
    for module in MODULES:
        names = set(imports(parsed(module), module))
        inside = module.startswith("rejoinder.bootstrap")
        if not inside and module not in ("rejoinder.cli", "rejoinder.__main__", "rejoinder.engine.daemon_main"):
            assert "rejoinder.bootstrap" not in names, module


@pytest.mark.parametrize("module", sorted(MODULES))
def test_nothing_is_opened_while_a_module_is_imported(module: str) -> None:
    """At module level only declarations: no server, store, loop or lock comes to be there."""
    makers = ("Server", "Store", "History", "Database", "Lock", "Thread", "Executor", "Client", "Index", "Model")
    for node in parsed(module).body:
        value = node.value if isinstance(node, ast.Assign | ast.AnnAssign) else None
        if isinstance(value, ast.Call):
            called = ast.unparse(value.func)
            assert not called.endswith(makers), f"{module} makes a {called} on import"
            assert called not in ("open", "sqlite3.connect"), f"{module} opens on import"


@pytest.mark.parametrize("module", sorted(MODULES))
def test_a_file_can_be_held_in_the_head(module: str) -> None:
    lines = MODULES[module].read_text("utf-8").count("\n")
    assert lines < LONGEST_FILE, f"{module} has {lines} lines"


@pytest.mark.parametrize("module", sorted(MODULES))
def test_a_function_can_be_held_in_the_head(module: str) -> None:
    functions = [node for node in ast.walk(parsed(module)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    long = {
        node.name: node.end_lineno - node.lineno + 1
        for node in functions
        if node.end_lineno is not None and node.end_lineno - node.lineno + 1 >= LONGEST_FUNCTION
    }
    assert not long, f"{module}: {long}"
