"""One file per change of the news tables, each applied once, in order."""
