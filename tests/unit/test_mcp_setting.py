"""Servers of the Model Context Protocol are named in the user's own file and nowhere else."""

import json
from pathlib import Path

import pytest

from rejoinder import platform
from rejoinder.engine.folders import key_variables
from rejoinder.lsp.configuration import Configuration
from rejoinder.protocol.editor_settings import properties

TABLES = {"shop": {"command": "shop"}}


def test_mcp_counts_from_the_users_file_alone() -> None:
    own = Configuration(flags={}, environment={}, file={"mcp": TABLES})
    assert (own.resolve().settings.mcp, own.resolve().sources["mcp"]) == (TABLES, "file")
    others = Configuration(flags={"mcp": TABLES}, environment={"REJOINDER_MCP": json.dumps(TABLES)}, file={})
    others.set_initialization_options({"trusted": True, "mcp": TABLES})
    others.set_workspace({"mcp": TABLES})
    assert (others.resolve().settings.mcp, others.resolve().sources["mcp"]) == ({}, "default")


def test_editors_do_not_offer_what_would_not_count() -> None:
    assert "rejoinder.mcp" not in properties()
    assert "rejoinder.models" in properties()


def test_variables_that_a_table_names_go_along_with_the_client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "config.toml"
    file.write_text('apiKeyEnv = "MY_KEY"\n[mcp.shop]\nurl = "https://shop"\nheaders = {A = "Bearer ${SHOP_KEY}"}\n')
    monkeypatch.setattr(platform, "config_file", lambda: file)
    assert key_variables() == {"MY_KEY", "SHOP_KEY"}
