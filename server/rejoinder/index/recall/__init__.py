"""What was said, remembered and added as knowledge: an exact index in a process of its own."""
