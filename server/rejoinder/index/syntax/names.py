"""How definitions are called, language by language. An empty name means that a node defines nothing."""

from tree_sitter import Node

LONGEST_NAME = 80
"""Code points."""

_MOST_NESTED = 16


def text_of(node: Node | None, source: bytes) -> str:
    """A node's text in one line, from what was parsed."""
    if node is None:
        return ""
    start = node.start_byte
    text = source[start : min(node.end_byte, start + 4 * LONGEST_NAME)]
    return " ".join(text.decode("utf-8", "ignore").split())[:LONGEST_NAME]


def by_field(node: Node, source: bytes) -> str:
    """Most languages' way."""
    return text_of(node.child_by_field_name("name"), source)


def of_property(node: Node, source: bytes) -> str:
    """A field of a JavaScript class."""
    return text_of(node.child_by_field_name("property"), source)


def of_left_side(node: Node, source: bytes) -> str:
    """An assignment."""
    return text_of(node.child_by_field_name("left"), source)


def of_value(node: Node, source: bytes) -> str:
    """What a node is about."""
    return text_of(node.child_by_field_name("value"), source)


def of_key(node: Node, source: bytes) -> str:
    """A member of an object."""
    return text_of(node.child_by_field_name("key"), source).strip("\"'")


def of_declarator(node: Node, source: bytes) -> str:
    """C's way: the name is the innermost of what is declared."""
    inner: Node | None = node
    for _ in range(_MOST_NESTED):
        found = None if inner is None else inner.child_by_field_name("declarator")
        if found is None and inner is not None and inner.type in ("parenthesized_declarator", "reference_declarator"):
            found = inner.named_child(0)
        if found is None:
            break
        inner = found
    return "" if inner is node else text_of(inner, source)


def of_go_method(node: Node, source: bytes) -> str:
    """With the type that it belongs to, as `(*Reader) Read`."""
    receiver = node.child_by_field_name("receiver")
    parameter = None if receiver is None else receiver.named_child(0)
    kind = None if parameter is None else parameter.child_by_field_name("type")
    return f"({text_of(kind, source)}) {by_field(node, source)}" if kind is not None else by_field(node, source)


def of_rust_impl(node: Node, source: bytes) -> str:
    """With the trait, as `Display for Point`."""
    trait, kind = node.child_by_field_name("trait"), node.child_by_field_name("type")
    return f"{text_of(trait, source)} for {text_of(kind, source)}" if trait is not None else text_of(kind, source)


def of_ruby_singleton(node: Node, source: bytes) -> str:
    """With the object, as `self.build`."""
    return f"{text_of(node.child_by_field_name('object'), source)}.{by_field(node, source)}"


def of_lua_variable(node: Node, source: bytes) -> str:
    """The first one that is assigned to."""
    return text_of(node.named_child(0), source)


def of_table(node: Node, source: bytes) -> str:
    """A TOML table's key."""
    return text_of(node.named_child(0), source)


def before_body(node: Node, source: bytes) -> str:
    """All that stands before the braces."""
    text = text_of(node, source)
    return text.partition("{")[0].strip()


def of_element(node: Node, source: bytes) -> str:
    """An HTML element that has an ID, as `section#install`."""
    tag = node.named_child(0)
    if tag is None or tag.type not in ("start_tag", "self_closing_tag"):
        return ""
    kind, found = "", ""
    for part in tag.named_children:
        if part.type == "tag_name":
            kind = text_of(part, source)
        elif part.type == "attribute" and text_of(part.named_child(0), source).lower() == "id":
            found = text_of(part, source).partition("=")[2].strip("\"' ")
    return f"{kind}#{found}" if found else ""
