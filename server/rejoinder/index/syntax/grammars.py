"""The languages whose grammars are at hand, each told by one row of a table."""

from collections.abc import Callable, Mapping

import attrs
from tree_sitter import Node

from rejoinder.declared import frozen
from rejoinder.index.syntax import names

_FUNCTIONS = frozenset({"arrow_function", "function_expression", "generator_function", "class"})


@frozen
class Kind:
    """How a node defines something. Within a container there are definitions worth finding however short it is."""

    label: str = ""
    container: bool = False
    name: Callable[[Node, bytes], str] = names.by_field
    value: frozenset[str] = frozenset()
    """When given, the node defines something only if its value is one of these."""


@frozen
class Grammar:
    """A language: where its grammar is, and which of its nodes matter."""

    module: str
    kinds: Mapping[str, Kind]
    through: frozenset[str] = frozenset()
    """What definitions are looked for within, however short it is."""
    wrappers: frozenset[str] = frozenset()
    """What belongs to the one definition that it holds: decorators, `export`, `template <…>`."""
    leading: frozenset[str] = frozenset({"comment"})
    """What belongs to the definition that follows."""
    function: str = "language"
    generic_angles: bool = False
    """Whether the parser takes every `<` for a bracket that may be open."""


_DEF, _CLASS = Kind("def"), Kind("class", container=True)

_PYTHON = Grammar(
    "tree_sitter_python",
    {"function_definition": _DEF, "class_definition": _CLASS},
    through=frozenset({"block", "if_statement", "else_clause", "elif_clause", "try_statement", "except_clause"}),
    wrappers=frozenset({"decorated_definition"}),
)

_SCRIPT = {
    "function_declaration": Kind("function"),
    "generator_function_declaration": Kind("function"),
    "class_declaration": _CLASS,
    "method_definition": Kind(),
    "variable_declarator": Kind(value=_FUNCTIONS),
    "assignment_expression": Kind(name=names.of_left_side, value=_FUNCTIONS),
    "pair": Kind(name=names.of_key, value=_FUNCTIONS),
}
_SCRIPT_THROUGH = frozenset(
    {
        "class_body",
        "statement_block",
        "if_statement",
        "object",
    }
)
_SCRIPT_WRAPPERS = frozenset(
    {"export_statement", "lexical_declaration", "variable_declaration", "expression_statement"}
)
_SCRIPT_LEADING = frozenset({"comment", "decorator"})

_JAVASCRIPT = Grammar(
    "tree_sitter_javascript",
    {**_SCRIPT, "field_definition": Kind(name=names.of_property, value=_FUNCTIONS)},
    _SCRIPT_THROUGH,
    _SCRIPT_WRAPPERS,
    _SCRIPT_LEADING,
)
_TYPES = {
    "interface_declaration": Kind("interface"),
    "type_alias_declaration": Kind("type"),
    "enum_declaration": Kind("enum"),
    "abstract_class_declaration": _CLASS,
    "abstract_method_signature": Kind(),
    "function_signature": Kind("function"),
    "public_field_definition": Kind(value=_FUNCTIONS),
    "internal_module": Kind("namespace", container=True),
    "module": Kind("module", container=True),
}
_TYPESCRIPT = Grammar(
    "tree_sitter_typescript",
    {**_SCRIPT, **_TYPES},
    _SCRIPT_THROUGH | {"internal_module", "module"},
    _SCRIPT_WRAPPERS | {"ambient_declaration"},
    _SCRIPT_LEADING,
    function="language_typescript",
)

_GO = Grammar(
    "tree_sitter_go",
    {
        "function_declaration": Kind("func"),
        "method_declaration": Kind("func", name=names.of_go_method),
        "type_spec": Kind("type"),
        "type_alias": Kind("type"),
    },
    wrappers=frozenset({"type_declaration"}),
)

_RUST = Grammar(
    "tree_sitter_rust",
    {
        "function_item": Kind("fn"),
        "function_signature_item": Kind("fn"),
        "struct_item": Kind("struct"),
        "enum_item": Kind("enum"),
        "union_item": Kind("union"),
        "trait_item": Kind("trait", container=True),
        "impl_item": Kind("impl", container=True, name=names.of_rust_impl),
        "mod_item": Kind("mod", container=True),
        "macro_definition": Kind("macro"),
        "type_item": Kind("type"),
    },
    through=frozenset({"declaration_list"}),
    leading=frozenset({"line_comment", "block_comment", "attribute_item"}),
)

_C_KINDS = {
    "function_definition": Kind(name=names.of_declarator),
    "struct_specifier": Kind("struct", value=frozenset({"field_declaration_list"})),
    "union_specifier": Kind("union", value=frozenset({"field_declaration_list"})),
    "enum_specifier": Kind("enum", value=frozenset({"enumerator_list"})),
    "preproc_function_def": Kind("#define"),
    "type_definition": Kind("typedef", name=names.of_declarator),
}
_C_THROUGH = frozenset(
    {"preproc_if", "preproc_ifdef", "preproc_else", "preproc_elif", "linkage_specification", "declaration_list"}
)
_C = Grammar("tree_sitter_c", _C_KINDS, _C_THROUGH, wrappers=frozenset({"declaration"}))
_CPP = Grammar(
    "tree_sitter_cpp",
    {
        **_C_KINDS,
        "struct_specifier": Kind("struct", container=True, value=frozenset({"field_declaration_list"})),
        "class_specifier": Kind("class", container=True, value=frozenset({"field_declaration_list"})),
        "namespace_definition": Kind("namespace", container=True),
        "concept_definition": Kind("concept"),
        "alias_declaration": Kind("using"),
    },
    _C_THROUGH | {"field_declaration_list"},
    wrappers=frozenset({"template_declaration", "declaration"}),
)

_JAVA_TYPES = {
    "class_declaration": _CLASS,
    "interface_declaration": Kind("interface", container=True),
    "enum_declaration": Kind("enum", container=True),
    "record_declaration": Kind("record", container=True),
}
_JAVA = Grammar(
    "tree_sitter_java",
    {
        **_JAVA_TYPES,
        "annotation_type_declaration": Kind("@interface", container=True),
        "method_declaration": Kind(),
        "constructor_declaration": Kind(),
        "compact_constructor_declaration": Kind(),
    },
    through=frozenset({"class_body", "interface_body", "enum_body", "enum_body_declarations", "annotation_type_body"}),
    leading=frozenset({"line_comment", "block_comment"}),
    generic_angles=True,
)

_C_SHARP = Grammar(
    "tree_sitter_c_sharp",
    {
        **_JAVA_TYPES,
        "struct_declaration": Kind("struct", container=True),
        "namespace_declaration": Kind("namespace", container=True),
        "enum_declaration": Kind("enum"),
        "delegate_declaration": Kind("delegate"),
        "method_declaration": Kind(),
        "constructor_declaration": Kind(),
        "property_declaration": Kind(),
        "local_function_statement": Kind(),
    },
    through=frozenset({"declaration_list", "preproc_if", "preproc_region", "global_statement"}),
    generic_angles=True,
)

_RUBY = Grammar(
    "tree_sitter_ruby",
    {
        "method": _DEF,
        "singleton_method": Kind("def", name=names.of_ruby_singleton),
        "class": _CLASS,
        "module": Kind("module", container=True),
        "singleton_class": Kind("class <<", container=True, name=names.of_value),
    },
    through=frozenset({"body_statement"}),
)

_PHP = Grammar(
    "tree_sitter_php",
    {
        "function_definition": Kind("function"),
        "method_declaration": Kind("function"),
        "class_declaration": _CLASS,
        "interface_declaration": Kind("interface", container=True),
        "trait_declaration": Kind("trait", container=True),
        "enum_declaration": Kind("enum", container=True),
        "namespace_definition": Kind("namespace", container=True),
    },
    through=frozenset({"declaration_list", "enum_declaration_list", "compound_statement", "if_statement"}),
    function="language_php",
)

_LUA = Grammar(
    "tree_sitter_lua",
    {
        "function_declaration": Kind("function"),
        "assignment_statement": Kind("function", name=names.of_lua_variable, value=frozenset({"function_definition"})),
        "field": Kind("function", value=frozenset({"function_definition"})),
    },
    wrappers=frozenset({"variable_declaration"}),
)

_BASH = Grammar(
    "tree_sitter_bash", {"function_definition": Kind("function")}, through=frozenset({"if_statement", "else_clause"})
)

_CSS = Grammar(
    "tree_sitter_css",
    {
        "rule_set": Kind(name=names.before_body),
        "media_statement": Kind(container=True, name=names.before_body),
        "supports_statement": Kind(container=True, name=names.before_body),
        "keyframes_statement": Kind(name=names.before_body),
        "at_rule": Kind(name=names.before_body),
    },
    through=frozenset({"block"}),
    leading=frozenset({"comment", "js_comment"}),
)

_JSON = Grammar("tree_sitter_json", {"pair": Kind(name=names.of_key)})
_TOML = Grammar(
    "tree_sitter_toml", {"table": Kind(name=names.of_table), "table_array_element": Kind(name=names.of_table)}
)
_HTML = Grammar(
    "tree_sitter_html",
    {"element": Kind(name=names.of_element, container=True), "script_element": Kind(name=names.of_element)},
)

GRAMMARS: Mapping[str, Grammar] = {
    "bash": _BASH,
    "c": _C,
    "cpp": _CPP,
    "csharp": _C_SHARP,
    "css": _CSS,
    "go": _GO,
    "html": _HTML,
    "java": _JAVA,
    "javascript": _JAVASCRIPT,
    "json": _JSON,
    "lua": _LUA,
    "php": _PHP,
    "python": _PYTHON,
    "ruby": _RUBY,
    "rust": _RUST,
    "toml": _TOML,
    "tsx": attrs.evolve(_TYPESCRIPT, function="language_tsx"),
    "typescript": _TYPESCRIPT,
}
