"""Lines folded into events.

`folder` finds the event around an offset, or all events of a block: where one writer's lines follow each other by
`flow`, a state machine with its `modes`, which begins as the first line's `opening` says; where a collector interleaves
several writers by `weave`. What may stand `below` a record, where an exception's message is `whole`, and how many
`loose` lines an event takes, tell the others. `reading` reads a source from its beginning to its end.
"""
