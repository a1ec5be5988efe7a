"""How a source is written: prefixes, heads, marks, times, told from its lines."""
