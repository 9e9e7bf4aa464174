"""The settings of a process itself, which depend on no client."""

import logging
import os
import tomllib
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from rejoinder import platform
from rejoinder.lsp.configuration import Configuration
from rejoinder.protocol.settings import Settings

_log = logging.getLogger(__name__)


def own_settings(flags: Mapping[str, Any] = MappingProxyType({})) -> Settings:
    """What flags, the environment and the user's file say."""
    configuration = Configuration(flags=flags, environment=os.environ, file=file_settings())
    return configuration.resolve().settings


def file_settings() -> Mapping[str, Any]:
    """The user's own settings file; a broken one counts as empty and is told of in the log."""
    settings, fault = settings_file()
    if fault:
        _log.warning("%s", fault)
    return settings


def settings_file() -> tuple[Mapping[str, Any], str]:
    """The user's own settings file, and what is wrong with it; a broken one counts as empty."""
    path = platform.config_file()
    try:
        return tomllib.loads(path.read_text("utf-8")), ""
    except FileNotFoundError:
        return {}, ""
    except (OSError, ValueError) as exc:
        return {}, f"{path} does not count: {exc}."
