#!/bin/sh
# Sessions that keep unrelated conversations apart (session memory: recommended session strategy)
rejoinder ask "Why does the build fail?" --session debug
rejoinder ask "What is known of zebras?" --session research_topic
rejoinder session list
