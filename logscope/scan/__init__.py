"""Map: a source's bytes to hits. Everything is searched at memory speed, only what was found is looked at closely."""
