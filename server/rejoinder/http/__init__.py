"""`rejoinder serve --http`: remote sessions over HTTP, each request a client of the engine like any other."""
