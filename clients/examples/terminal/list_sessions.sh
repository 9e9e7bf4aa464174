#!/bin/sh
# The sessions of this folder (terminal: list existing sessions).
rejoinder session list
rejoinder session create "Learning Python" --description "My Python studies"
rejoinder session list
