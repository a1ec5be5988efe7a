"""Whether a failure happened, or is only quoted: somebody's words, a document, source code, a test that passed.

It is asked of ever more text: of the words around the failure's name (`words`), of the event (`event`), of the lines
around it (`folder`, which reads them as its `surroundings`, with `shown` and `prose`; `testruns` for what test runners
print), of a whole source (`documents`); `quotations` knows the marks that open and close one. `folder` marks the events
that their neighbours quote while lines are folded; what is quoted by its own text, `event` is asked by the conditions.
"""
