"""Lines folded into records."""
