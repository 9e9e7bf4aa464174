"""LSP: handlers of three steps (convert in, call one service, convert out) on a mended pygls."""
