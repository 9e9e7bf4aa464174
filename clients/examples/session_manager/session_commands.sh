#!/bin/sh
# A session made, used, looked at, left, resumed and cleared (session manager: session commands, example workflow).
# Within `rejoinder chat` on a terminal the same is done by /new, /status, /sessions, /resume and /clear.
rejoinder session create coding_task --id coding_task
rejoinder ask --session coding_task "Create a factorial function"
rejoinder session show coding_task
rejoinder session create research --id research
rejoinder session list
rejoinder session use coding_task
rejoinder history clear --session coding_task --yes
rejoinder session list
