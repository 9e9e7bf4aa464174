"""An edit of one document, and how replacements become one."""

import attrs

from rejoinder.declared import frozen
from rejoinder.domain.edit_parts import in_parts
from rejoinder.domain.edits import Change, ProposedEdit, changes_in, mapped
from rejoinder.domain.errors import InvalidInput
from rejoinder.domain.redaction import Redactor
from rejoinder.services.ports import Document


@frozen
class DocumentEdit:
    """Changes of a document, in its order, and what they do in a sentence."""

    document: Document
    changes: tuple[Change, ...]
    explanation: str


def replaced(document: Document, proposed: ProposedEdit, redactor: Redactor, *, name: str) -> DocumentEdit:
    """The edit that a search-and-replace block means. `name` is the document's, for people."""
    replacements = mapped(proposed.replacements, lambda text: unmasked(text, redactor))
    changes = changes_in(document.text, replacements, name=name)
    count = f"{len(changes)} passages" if len(changes) > 1 else "One passage"
    return DocumentEdit(document, tuple(changes), f"{count} of {name} replaced.")


def parted(edit: DocumentEdit) -> DocumentEdit:
    """The edit with one change for each run of lines that differ, so that they can be decided one by one."""
    return attrs.evolve(edit, changes=in_parts(edit.document.text, edit.changes))


def unmasked(text: str, redactor: Redactor) -> str:
    """The text with its secrets in their places; InvalidInput when one is not known any more."""
    try:
        return redactor.unmask(text)
    except KeyError as unknown:
        raise InvalidInput(
            f"The block holds {unknown.args[0]}, and what it stands for is not known any more.",
            hint="Apply it by hand, with the secret in its place.",
        ) from None
