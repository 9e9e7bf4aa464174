"""What can be done with conversations. Services know the domain and the ports; nothing of LSP or of storage."""
