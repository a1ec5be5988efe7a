"""Occurrences to findings: figures, causes, options, and what each shows of the log and the code."""
