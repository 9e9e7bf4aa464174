#!/bin/sh
# Another name and description (terminal: update a session).
rejoinder session create "Learnin Python" --id c3e7f4a1
rejoinder session update c3e7 --name "Python Learning Journey" --description "Once a day"
rejoinder session list
