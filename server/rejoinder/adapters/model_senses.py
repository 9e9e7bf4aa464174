"""Which models see images: by what a server says of one, and by names, as vendors and makers document them."""

import re
from typing import Any

_ALL = {"anthropic": re.compile(r"claude-(?!2|instant)"), "google": re.compile(r"gemini|gemma-3")}
_OPENAI = re.compile(r"gpt-4o|gpt-4\.|gpt-4-turbo|gpt-[5-9]|chatgpt|o[1-9](?!-mini\b)|o4-mini")
_OPEN = re.compile(
    r"vision|llava|moondream|minicpm-?v|pixtral|internvl|cogvlm|smolvlm|idefics|molmo|florence|multimodal|omni"
    r"|(?:^|[-_:/.\d])vl(?![a-z])|gemma-?3(?!n|[-:]?(?:1b|270m))|gemma-?4|llama-?4|mistral-small-?3\.[1-9]|granite.*vision"
)


def told_by(said: Any) -> bool | None:
    """Whether a model takes images by what its server says of it, in one of the forms that there are; else None.

    Lists of what goes in (OpenRouter) or of what it can (Ollama, llama.cpp), flags (Mistral, llama.cpp's properties,
    LiteLLM), or a type (LM Studio).
    """
    if not isinstance(said, dict):
        return None
    architecture, can, modalities = said.get("architecture"), said.get("capabilities"), said.get("modalities")
    of_kinds = architecture.get("input_modalities") if isinstance(architecture, dict) else said.get("input_modalities")
    if isinstance(of_kinds, list):
        return "image" in of_kinds
    if isinstance(can, list):
        return "vision" in can or "multimodal" in can
    for flags, key in ((can, "vision"), (modalities, "vision"), (said, "supports_vision")):
        if isinstance(flags, dict) and isinstance(flags.get(key), bool):
            return bool(flags[key])
    return {"vlm": True, "llm": False}.get(str(said.get("type")))


def sees(provider: str, name: str) -> bool:
    """Whether a model is known by its name to take images."""
    name = name.lower()
    if provider in _ALL:
        return bool(_ALL[provider].match(name))
    if provider == "openai":
        return bool(_OPENAI.match(name))
    # behind an address of one's own there may be anybody's model, under its maker's name
    own = name.rpartition("/")[2]
    return bool(_OPEN.search(name) or _OPENAI.match(own) or any(known.match(own) for known in _ALL.values()))
