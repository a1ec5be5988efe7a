"""What a piece of text says by itself: colours, levels, times, tracebacks, members, requests."""
