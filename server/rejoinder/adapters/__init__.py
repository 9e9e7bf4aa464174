"""The tools behind the ports, each module named for its tool."""
