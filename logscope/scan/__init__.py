"""Map: a source's bytes to hits. Everything is searched at memory speed, only what was found is looked at closely.

`source` reads `blocks` of bytes; `sought` finds where the `scanner`'s needles stand, and folds them into events;
`answers` asks the rules, once for all events of a `likeness`, and what are `errors`; `looks` searches around hits,
`between` says what ended an incident, `tally` takes it all down; `doubled` drops what two handlers wrote. `bulk` does
the same for whole blocks.
"""
