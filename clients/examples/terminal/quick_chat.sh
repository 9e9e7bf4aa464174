#!/bin/sh
# A question that leaves no trace, with what was looked up and what it cost (terminal: quick chat and chat options).
rejoinder chat --quick "What is the capital of France?" --context "We speak of Europe." --metrics
rejoinder session list
