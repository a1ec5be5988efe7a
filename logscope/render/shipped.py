"""The shipped templates: strict about names, blocks leave no blank lines; and the words that all of them write with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import FunctionType, ModuleType
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from logscope.counting import counted
from logscope.render import evidence, figures, text
from logscope.report import AGAIN
from logscope.resources import data_dir


def shipped_templates(
    *modules: ModuleType,
    names: Mapping[str, Any],
    autoescape: bool = False,
    finalize: Callable[[Any], Any] | None = None,
) -> Environment:
    """Return an environment over the folder of templates; `finalize` sees every value that is written.

    The functions of `modules`, and of those of words and figures, are filters; the labels and `names` are known, too.
    """
    environment = Environment(
        loader=FileSystemLoader(data_dir("templates")),
        autoescape=autoescape,
        finalize=finalize,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["counted"] = counted
    for module in (text, figures, evidence, *modules):
        own = {name: value for name, value in vars(module).items() if isinstance(value, FunctionType)}
        environment.filters |= {name: f for name, f in own.items() if f.__module__ == module.__name__}
    environment.globals |= {name: value for name, value in vars(text).items() if name.isupper()}
    environment.globals |= {"AGAIN": AGAIN, **names}
    return environment
