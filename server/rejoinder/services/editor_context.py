"""What a turn takes from the editor before it begins, so that it is stored with the question."""

import attrs

from rejoinder.domain.mentions import Action, EditorMention, find_mentions, leading_action
from rejoinder.domain.prompt_files import asked_text, without_expansions
from rejoinder.services.request import TurnRequest

_ABOUT_CODE: tuple[Action, ...] = ("explain", "fix", "test", "document")


async def with_selection(request: TurnRequest) -> TurnRequest:
    """The request with what is selected in the editor, when the text is about that and nothing else is attached."""
    text = asked_text(request.text, request.attachments)
    mentions = find_mentions(text)
    action = request.action or leading_action(text)[0]
    about_nothing = action in _ABOUT_CODE and not without_expansions(request.attachments) and not mentions
    if not about_nothing and EditorMention("selection") not in mentions:
        return request
    selection = (await request.workspace.seen(request.uri)).selection
    if selection is None or not selection.text or selection in request.attachments:
        return request
    return attrs.evolve(request, attachments=(*request.attachments, selection))
