"""The handlers of Rejoinder's methods, each of three steps: convert in, call one service, convert out."""
