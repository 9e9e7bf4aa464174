"""The memory for programs without an event loop."""

from rejoinder_client.async_memory import AsyncMemory
from rejoinder_client.blocking import Blocking, blocking


class Memory(Blocking[AsyncMemory]):
    """A user's memory of the project. As AsyncMemory, but each call blocks."""

    add = blocking(AsyncMemory.add)
    get = blocking(AsyncMemory.get)
    search = blocking(AsyncMemory.search)
    update = blocking(AsyncMemory.update)
    delete = blocking(AsyncMemory.delete)
    clear = blocking(AsyncMemory.clear)
    context = blocking(AsyncMemory.context)
    list = blocking(AsyncMemory.list)
