"""How a source is written, learned from its first lines: `detection` looks at them and returns a `layout`.

Before each line: which collector's prefix (`collectors`) of those that are known (`prefixes`), or one that is not
(`unlisted`); `unwrapping` takes it off. Where a record begins (`heads`): also in formats that only the source's own
lines make sure (`learned`), in a head that nobody listed (`shared`), and not where a message only looks like a head
(`usual`); times at a line's start are read by their place (`leading`). Between head and message, or behind it: what the
formatter writes there (`behind`, from the patterns in `pieces` and the `columns` that lines share), its marks
(`punctuation`), and whether a word is the logger's name (`loggers`) or the message's first (`doubt`). Between records:
what the program `prints` (lines written `alike`, or by the warnings module: `warned`), and times that lines without one
borrow from their `neighbours`, in the clocks' `zones`. Of several writers each is learned by itself (`own`).
"""
