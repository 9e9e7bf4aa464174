#!/bin/sh
# A session for a new topic, which becomes the current one (terminal: create a new session).
rejoinder session create "Project Pegasus Planning" --description "Brainstorming and planning for Project Pegasus."
rejoinder session create
