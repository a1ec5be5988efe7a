"""One record, read field by field."""
