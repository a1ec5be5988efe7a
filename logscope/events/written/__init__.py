"""How a source is written, told from its lines. `detection` looks at the first of them and returns a `layout`.

Before a line: `prefixes` of `collectors`. Where a record begins: `heads`, times that lead it (`leading`), formats that
only a source's own lines make sure (`learned`, of one writer `own`) or rule out (`usual`). Beside the message: `pieces`
that a formatter writes `behind` the head, its `marks` and `columns`, what is a logger's name (`loggers`) and what is
the message's beginning (`doubt`). Between records: what the program `prints`, and the times of lines without one, from
their `neighbours`.
"""
