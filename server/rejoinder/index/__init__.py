"""The index worker: a process of its own for each project in use, asked over its standard streams."""
