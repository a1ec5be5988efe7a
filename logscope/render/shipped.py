"""The shipped templates: strict about names, blocks leave no blank lines."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from logscope.resources import data_dir


def shipped_templates(autoescape: bool, finalize: Callable[[Any], Any] | None = None) -> Environment:
    """Return an environment over the folder of templates; `finalize` sees every value that is written."""
    return Environment(
        loader=FileSystemLoader(data_dir("templates")),
        autoescape=autoescape,
        finalize=finalize,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
