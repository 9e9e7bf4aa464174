"""Which models see images, as far as their names tell: what vendors and the makers of open models document."""

import re

_ALL = {"anthropic": re.compile(r"claude-(?!2|instant)"), "google": re.compile(r"gemini|gemma-3")}
_OPENAI = re.compile(r"gpt-4o|gpt-4\.|gpt-4-turbo|gpt-[5-9]|chatgpt|o[1-9](?!-mini\b)|o4-mini")
_OPEN = re.compile(
    r"vision|llava|moondream|minicpm-?v|pixtral|internvl|cogvlm|smolvlm|idefics|molmo|florence|multimodal|omni"
    r"|(?:^|[-_:/.\d])vl(?![a-z])|gemma-?3(?!n|[-:]?(?:1b|270m))|gemma-?4|llama-?4|mistral-small-?3\.[1-9]|granite.*vision"
)


def sees(provider: str, name: str) -> bool:
    """Whether a model is known to take images."""
    name = name.lower()
    if provider in _ALL:
        return bool(_ALL[provider].match(name))
    if provider == "openai":
        return bool(_OPENAI.match(name))
    # behind an address of one's own there may be anybody's model, under its maker's name
    own = name.rpartition("/")[2]
    return bool(_OPEN.search(name) or _OPENAI.match(own) or any(known.match(own) for known in _ALL.values()))
