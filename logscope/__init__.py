"""logscope: from logs to a resolution plan."""

__version__ = "0.1.0"
