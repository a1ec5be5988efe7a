"""Occurrences to findings: figures, causes, options, and what each shows of the log and the code.

`aggregate` makes a finding of a rule's occurrences: its figures (`frequency`), `causes`, options (`choices`),
`evidence`, and places in the application's `code` (files by `repository`, links by `forge`), with captures as `words`.
`context` is what all of a run share, `order` how they are read. Errors that no rule explains are `unexplained`, or in
the `aftermath` of an incident.
"""
