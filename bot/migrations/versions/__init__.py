"""One file per change of the chat tables, each applied once, in order."""
