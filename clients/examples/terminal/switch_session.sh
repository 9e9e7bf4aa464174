#!/bin/sh
# Back to an earlier session, by the beginning of its ID or by its name (terminal: switch to an existing session).
rejoinder session create "Learning Python" --id c3e7f4a1
rejoinder session create "Project Pegasus Planning"
rejoinder session use c3e7
rejoinder session use "Project Pegasus Planning"
rejoinder ask --session c3e7 "Where were we?"
