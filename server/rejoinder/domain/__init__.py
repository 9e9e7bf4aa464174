"""What a conversation is: values and rules, without input, output, clocks or LSP."""
