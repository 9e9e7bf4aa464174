#!/bin/sh
# A session that is done goes to the trash; the most recently updated one is the current one then (terminal: delete).
rejoinder session create "Learning Python" --id c3e7f4a1
rejoinder session create "Done" --id f8d2a1b9
rejoinder session delete f8d2 --yes
rejoinder session list
rejoinder session restore f8d2a1b9
