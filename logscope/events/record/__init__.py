"""One record, read field by field.

`event` is the noun; `facts` reads each of its fields when it is first asked for: from the bytes without what
collectors put around them (`content`), from the lines that are its message (`lines`), from what `structlog` prints
behind it, and with what `editors` say of the servers that they run.
"""
