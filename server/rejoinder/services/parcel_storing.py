"""Sessions that come in, stored with what belongs to them."""

from rejoinder.services.conversations import Conversations
from rejoinder.services.parcels import Parcel


async def stored(conversations: Conversations, parcel: Parcel) -> bool:
    """Store a session with its attachments and its state; False when its ID is taken, and nothing was stored."""
    try:
        await conversations.create(parcel.session, parcel.messages, summaries=parcel.summaries)
    except ValueError:
        return False
    await belongings_stored(conversations, parcel)
    return True


async def belongings_stored(conversations: Conversations, parcel: Parcel) -> None:
    """Store the attachments and the state of a session that is there."""
    session, store = parcel.session, conversations.store
    for content in parcel.attachments.values():
        await conversations.io(store.attach, session.project_id, session.session_id, content)
    if parcel.state:
        await conversations.io(store.put_state, session.project_id, session.session_id, parcel.state)
