#!/bin/sh
# What models may call, a question that is answered with it, and the calls in the history (tools: the terminal)
rejoinder tools
rejoinder ask --session tools --tool default "What does calc.py define?"
rejoinder history show --session tools
