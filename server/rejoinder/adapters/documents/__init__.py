"""Reading documents: what runs in the process of its own that `adapters.extraction` starts."""
