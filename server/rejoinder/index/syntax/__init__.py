"""Where the definitions of a source text are, and where it may be cut: grammars for many languages behind one table."""
