"""One engine for each data folder: its socket, its connections, its running turns, and the pipe to it."""
