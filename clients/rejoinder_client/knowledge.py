"""The knowledge for programs without an event loop."""

from rejoinder_client.async_knowledge import AsyncKnowledge
from rejoinder_client.blocking import Blocking, blocking


class Knowledge(Blocking[AsyncKnowledge]):
    """The knowledge of the project. As AsyncKnowledge, but each call blocks; an interrupt cancels what is added."""

    add = blocking(AsyncKnowledge.add)
    search = blocking(AsyncKnowledge.search)
    remove = blocking(AsyncKnowledge.remove)
    clear = blocking(AsyncKnowledge.clear)
    list = blocking(AsyncKnowledge.list)
