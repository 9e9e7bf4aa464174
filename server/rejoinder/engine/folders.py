"""Which data folder and which cache folder are meant: flag, environment, `config.toml`, the platform's own."""

import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rejoinder import platform


def data_folder(flag: str | None = None) -> Path:
    """The real path of the folder with the sessions, which may not exist yet."""
    return _choose(flag, "REJOINDER_DATA_DIR", "dataDir") or platform.default_data_dir().resolve()


def cache_folder(flag: str | None = None) -> Path:
    """The real path of the folder with the indexes, which may not exist yet."""
    return _choose(flag, "REJOINDER_CACHE_DIR", "cacheDir") or platform.default_cache_dir().resolve()


def key_variables() -> frozenset[str]:
    """The environment variables that `config.toml` names, for keys above all; read without a parser, as below."""
    try:
        content = platform.config_file().read_text("utf-8")
    except (OSError, ValueError):
        return frozenset()
    named = re.findall(r"""\bapiKeyEnv["']?\s*=\s*["'](\w+)["']""", content)
    return frozenset([*named, *re.findall(r"\$\{(\w+)\}", content)])


def _choose(flag: str | None, variable: str, key: str) -> Path | None:
    if given := flag or os.environ.get(variable):
        return Path(given).expanduser().resolve()
    file = platform.config_file()
    configured = _configured(file, key)
    # A relative path in the file is meant from where the file is: the pipe's own folder is a matter of chance.
    return (file.parent / Path(configured).expanduser()).resolve() if configured else None


def _configured(file: Path, key: str) -> str | None:
    try:
        content = file.read_bytes()
    except OSError:
        return None
    # Reading the file costs nothing, the parser's import more than all the rest.
    if key.encode() not in content:
        return None
    import tomllib

    try:
        settings: Mapping[str, Any] = tomllib.loads(content.decode())
    except ValueError as error:
        sys.stderr.write(f"rejoinder: {file} is not read: {error}\n")
        return None
    value = settings.get(key)
    if value is not None and not isinstance(value, str):
        sys.stderr.write(f"rejoinder: `{key}` in {file} is not a string; the default is used\n")
        return None
    return value
