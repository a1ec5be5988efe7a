"""What a piece of text says by itself.

Its colours (`ansi`), a level's word (`levels`), a time (`times`, and what a source means by its `dates`), what a line
is that no format knows (`shapes`), a request (`http`); the rows of RichHandler (`rich`); an exception, in
`tracebacks`, in `stacks` of other languages, or `raised` in a record's members; `members` (by their `names`), of
collectors' `entries`, or of objects as Node has `inspected` them.
"""
