"""The wire protocol of Rejoinder, version 1: types, methods, errors and settings.

This package is the one source: handlers, the Python client, the editors' types, the JSON schema and the
settings tables all come from it. Its declarations import attrs alone; only `converter` needs cattrs.
"""

PROTOCOL_VERSION = 1
"""The version that both sides name in `experimental.rejoinder.protocolVersion`. Version 1 only grows."""
