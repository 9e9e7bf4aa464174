"""Connections to models' servers: certificates, proxies, and keys out of the system's keyring."""

import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keyring
import pytest
import trustme
from keyrings.alt.file import PlaintextKeyring

from fake_model import DEFAULT_TEXT, FakeModel
from fake_proxy import FakeProxy
from models_kit import MODELS, named, path_of, text_of
from rejoinder.adapters import keyring_keys
from rejoinder.adapters.models import ModelCatalogue
from rejoinder.domain.errors import InvalidInput, ModelNotConfigured, ModelUnavailable, RejoinderError
from rejoinder.domain.prompt import ModelSettings, Prompt, PromptMessage
from rejoinder.services.model_ports import ModelChoice

PROMPT = Prompt(messages=(PromptMessage("user", "Two?"),), question="Two?", stable=0)
KEY = "sk-a-key-in-the-keyring"
HOST = "model.invalid"
"""A name that only the proxy can reach."""


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def server(authority: trustme.CA) -> Iterator[FakeModel]:
    """A server whose certificate a home-made authority has signed."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1", HOST).configure_cert(context)
    with FakeModel(tls=context, models=("one",)) as found:
        yield found


@pytest.fixture
def ca_file(authority: trustme.CA, tmp_path: Path) -> str:
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    return str(tmp_path / "ca.pem")


def table(server: FakeModel, provider: str, *, host: str = "127.0.0.1", **more: Any) -> ModelChoice:
    return named(f"{provider}:one", f"https://{host}:{server.port}{path_of(provider)}", **more)


async def answer(catalogue: ModelCatalogue, choice: ModelChoice) -> str:
    return text_of([event async for event in catalogue.get(choice).stream(PROMPT, ModelSettings())])


async def fault(catalogue: ModelCatalogue, choice: ModelChoice) -> RejoinderError:
    with pytest.raises(RejoinderError) as caught:
        await answer(catalogue, choice)
    return caught.value


@pytest.mark.parametrize("provider", MODELS)
async def test_an_own_authority_is_trusted_where_it_is_named(
    server: FakeModel, catalogue: ModelCatalogue, ca_file: str, provider: str
) -> None:
    assert await answer(catalogue, table(server, provider, caFile=ca_file, apiKeyEnv="A_KEY")) == DEFAULT_TEXT
    error = await fault(catalogue, table(server, provider, apiKeyEnv="A_KEY"))
    assert isinstance(error, ModelUnavailable)


@pytest.mark.parametrize("provider", MODELS)
async def test_a_proxy_reaches_what_nothing_else_does(
    server: FakeModel, catalogue: ModelCatalogue, ca_file: str, provider: str
) -> None:
    with FakeProxy(user="me:pass word") as proxy:
        address = f"http://me:pass%20word@127.0.0.1:{proxy.port}"
        choice = table(server, provider, host=HOST, proxy=address, caFile=ca_file, apiKeyEnv="A_KEY")
        assert await answer(catalogue, choice) == DEFAULT_TEXT
        assert proxy.tunnels == [f"{HOST}:{server.port}"]


async def test_a_list_takes_the_proxy_too(server: FakeModel, catalogue: ModelCatalogue, ca_file: str) -> None:
    with FakeProxy() as proxy:
        address = f"http://127.0.0.1:{proxy.port}"
        choice = table(server, "openai-compatible", host=HOST, proxy=address, caFile=ca_file)
        await catalogue.available(choice)
        assert proxy.tunnels == [f"{HOST}:{server.port}"]


async def test_a_proxys_password_is_not_told(server: FakeModel, catalogue: ModelCatalogue) -> None:
    with FakeProxy(user="me:right") as proxy:
        choice = table(server, "openai-compatible", host=HOST, proxy=f"http://me:wrong@127.0.0.1:{proxy.port}")
        error = await fault(catalogue, choice)
        assert isinstance(error, ModelUnavailable) and "proxy" in error.message
        assert "wrong" not in f"{error} {error.hint} {error.data}"


async def test_what_is_no_proxy_is_told(server: FakeModel, catalogue: ModelCatalogue) -> None:
    error = await fault(catalogue, table(server, "openai-compatible", proxy="not a proxy"))
    assert isinstance(error, ModelNotConfigured) and "`proxy`" in error.message


@pytest.fixture
def kept_keys(tmp_path: Path) -> Iterator[Path]:
    """A keyring in a file, instead of the system's."""
    before = keyring.get_keyring()
    backend = PlaintextKeyring()
    backend.file_path = str(tmp_path / "keyring.cfg")
    keyring.set_keyring(backend)
    yield Path(backend.file_path)
    keyring.set_keyring(before)


async def test_a_key_comes_from_the_keyring(
    server: FakeModel, catalogue: ModelCatalogue, ca_file: str, kept_keys: Path
) -> None:
    choice = table(server, "openai-compatible", caFile=ca_file, apiKeyKeyring="rejoinder/mine")
    missing = await fault(catalogue, choice)
    assert isinstance(missing, ModelNotConfigured) and "'rejoinder/mine'" in missing.message
    keyring_keys.set_key("rejoinder/mine", f" {KEY}\n")
    assert kept_keys.exists()
    assert await answer(catalogue, choice) == DEFAULT_TEXT
    assert server.requests[-1].headers["authorization"] == f"Bearer {KEY}"
    assert KEY not in repr(catalogue.get(choice))
    assert keyring_keys.delete_key("rejoinder/mine")
    assert not keyring_keys.delete_key("rejoinder/mine")
    assert isinstance(await fault(catalogue, choice), ModelNotConfigured)


def test_what_is_no_key_is_not_kept(kept_keys: Path) -> None:
    for key in ("", "  ", "two\nlines"):
        with pytest.raises(InvalidInput):
            keyring_keys.set_key("rejoinder/mine", key)
    for reference in ("mine", "/mine", "rejoinder/"):
        with pytest.raises(ModelNotConfigured, match="apiKeyKeyring"):
            keyring_keys.set_key(reference, KEY)
    assert not kept_keys.exists()


def test_a_machine_without_a_keyring_is_told_what_to_do() -> None:
    from keyring.backends.fail import Keyring

    before = keyring.get_keyring()
    keyring.set_keyring(Keyring())  # type: ignore[no-untyped-call]
    try:
        for call in (keyring_keys.key_of, keyring_keys.delete_key):
            with pytest.raises(ModelNotConfigured) as caught:
                call("rejoinder/mine")
            assert "apiKeyEnv" in caught.value.hint
    finally:
        keyring.set_keyring(before)
