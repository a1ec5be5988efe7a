"""Map: a source's bytes to hits. Every byte is searched, but only events in which something was found are read.

`source` drives one source, which `blocks` reads and `layouts` recognises; `scanner` holds the compiled rules, with
those of their slots that are `lazy_slots`. `candidates` searches a block (by `searching`) and folds what it finds into
events; `answers` asks the rules of each, and of those that are alike (`likeness`) once. `lookups` searches around hits
for causes and recoveries, `between` says whether an incident had ended before a hit. `duplicates` drops what two
handlers wrote, `errors` names what no rule explains, `requests` counts requests (found by `protocols`), `tally` takes
all of it down. `bulk` does what `source` does for whole blocks at once, as arrays.
"""
