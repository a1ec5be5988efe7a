"""What the log proves, what is agreed upon, what has changed, and the exit code of it all."""
