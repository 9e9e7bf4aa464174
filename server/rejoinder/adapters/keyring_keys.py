"""Keys in the system's keyring, by references of the form `SERVICE/USER`. Needs the extra `keyring`.

A keyring may ask its user to unlock it, and is reached over a bus: never call this on an event loop.
"""

from types import ModuleType

from rejoinder.domain.errors import InvalidInput, ModelNotConfigured


def key_of(reference: str) -> str:
    """The key. Raises ModelNotConfigured when it cannot be had."""
    service, user = _parts(reference)
    library = _library()
    try:
        key = library.get_password(service, user)
    except library.errors.KeyringError as error:
        raise _unusable(error) from None
    if not key or not key.strip():
        raise ModelNotConfigured(
            f"The keyring holds no key at {reference!r}.",
            hint="Put it in with `rejoinder models key set`, or choose a variable with `apiKeyEnv`.",
        )
    return str(key).strip()


def set_key(reference: str, key: str) -> None:
    """Put a key in, or replace it. Raises ModelNotConfigured when the keyring cannot be used."""
    service, user = _parts(reference)
    library = _library()
    if not (key := key.strip()) or not key.isascii() or not key.isprintable():
        raise InvalidInput("This is no key.", hint="Copy it again, without spaces or line ends.", key="key")
    try:
        library.set_password(service, user, key)
    except library.errors.KeyringError as error:
        raise _unusable(error) from None


def delete_key(reference: str) -> bool:
    """Take a key out; whether there was one. Raises ModelNotConfigured when the keyring cannot be used."""
    service, user = _parts(reference)
    library = _library()
    try:
        library.delete_password(service, user)
    except library.errors.PasswordDeleteError:
        return False
    except library.errors.KeyringError as error:
        raise _unusable(error) from None
    return True


def _parts(reference: str) -> tuple[str, str]:
    service, slash, user = reference.rpartition("/")
    if not slash or not service or not user:
        raise ModelNotConfigured(
            f"`apiKeyKeyring` is {reference!r}.", hint="Write it as SERVICE/USER, for example `rejoinder/openai`."
        )
    return service, user


def _library() -> ModuleType:
    try:
        import keyring
        import keyring.errors
    except ImportError:
        raise ModelNotConfigured(
            "What reading the system's keyring needs is not installed.",
            hint="Install it where Rejoinder is, with `pip install 'rejoinder[keyring]'`.",
        ) from None
    return keyring


def _unusable(error: Exception) -> ModelNotConfigured:
    return ModelNotConfigured(
        f"The system's keyring cannot be used: {type(error).__name__}.",
        hint="Unlock it or set one up, or give the key in a variable with `apiKeyEnv`.",
    )
