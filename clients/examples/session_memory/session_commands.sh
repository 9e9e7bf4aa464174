#!/bin/sh
# Ask, chat, show, summarize and clear, each in a session of its own (session memory: using sessions in the CLI)
rejoinder ask "hello" --session my_session
echo "Once upon a time there was a zebra." | rejoinder chat --session story_draft
rejoinder history show --session story_draft
rejoinder history summary --session story_draft
rejoinder history clear --all --yes
