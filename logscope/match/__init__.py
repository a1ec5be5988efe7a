"""Whether a rule holds of an event: its conditions, and whether a failure is reported there or only spoken of.

`conditions` compiles what a rule's detect says, `patterns` its regular expressions, and `explain` says step by step why
they matched or did not; `layers` tells who wrote an event, `marks` whose it is; `quoted` what is only spoken of.
"""
