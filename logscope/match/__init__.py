"""Whether a rule holds of an event: its conditions, and whether a failure is reported there or only spoken of."""
