"""Which language a file is in, by its name."""

from collections.abc import Mapping

_BY_SUFFIX: Mapping[str, str] = {
    suffix: language
    for language, suffixes in {
        "bash": "sh bash zsh ksh bats ebuild",
        "c": "c",
        "cpp": "cc cpp cxx c++ h hh hpp hxx h++ ipp inl tpp cu cuh ino",
        "csharp": "cs csx",
        "css": "css",
        "go": "go",
        "html": "html htm xhtml",
        "java": "java",
        "javascript": "js mjs cjs jsx",
        "json": "json jsonc json5 webmanifest geojson",
        "lua": "lua",
        "markdown": "md markdown mdx mkd",
        "php": "php php5 php7 phtml",
        "python": "py pyi pyw",
        "ruby": "rb rake gemspec ru",
        "rust": "rs",
        "toml": "toml",
        "tsx": "tsx",
        "typescript": "ts mts cts",
        "yaml": "yaml yml",
    }.items()
    for suffix in suffixes.split()
}
_BY_NAME: Mapping[str, str] = {
    "rakefile": "ruby",
    "gemfile": "ruby",
    "vagrantfile": "ruby",
    ".bashrc": "bash",
    ".zshrc": "bash",
    ".profile": "bash",
    "sconstruct": "python",
    "sconscript": "python",
}


def language_of(path: str) -> str | None:
    """The language of a file of this name; None for one that is cut by lines."""
    name = path.rpartition("/")[2].lower()
    return _BY_NAME.get(name) or (_BY_SUFFIX.get(name.rpartition(".")[2]) if "." in name else None)
