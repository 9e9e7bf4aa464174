#!/bin/sh
# A conversation in the current session; a bare `exit` ends it (terminal: chat in the new session).
rejoinder session create "Project Pegasus Planning"
rejoinder chat <<'END'
Hi, let's plan Project Pegasus. What are the first steps?
exit
END
rejoinder history show
