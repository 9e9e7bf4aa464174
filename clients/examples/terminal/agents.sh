#!/bin/sh
# Agents of a project, one alone and two in sequence (terminal: chat with an agent).
mkdir -p .rejoinder/agents
echo "You find facts." > .rejoinder/agents/researcher.md
printf -- '---\nrole: Technical Writer\n---\nYou write short reports.\n' > .rejoinder/agents/writer.md
rejoinder agents list
rejoinder project trust
rejoinder agents list
rejoinder ask --agent researcher "What do zebras eat?"
rejoinder ask --agents researcher,writer "Report on zebras."
rejoinder history show
