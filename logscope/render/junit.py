"""JUnit XML of rule samples: one test case per sample, passes listed too."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Protocol
from xml.etree import ElementTree

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class _Sample(Protocol):
    @property
    def name(self) -> str: ...


class Result(Protocol):
    """What a sample made fire."""

    @property
    def rule(self) -> str: ...
    @property
    def sample(self) -> _Sample: ...
    @property
    def failures(self) -> tuple[str, ...]: ...


def samples_junit(results: Sequence[Result]) -> str:
    """Return the results as JUnit XML."""
    failed = sum(bool(result.failures) for result in results)
    suite = ElementTree.Element(
        "testsuite", name="logscope rules", tests=str(len(results)), failures=str(failed), errors="0"
    )
    names: set[tuple[str, str]] = set()
    for result in results:
        name = _clean(result.sample.name)
        while (result.rule, name) in names:
            name += " (again)"
        names.add((result.rule, name))
        case = ElementTree.SubElement(suite, "testcase", classname=result.rule, name=name)
        if result.failures:
            text = _clean("; ".join(result.failures))
            ElementTree.SubElement(case, "failure", message=text).text = text
    ElementTree.indent(suite)
    return ElementTree.tostring(suite, encoding="unicode", xml_declaration=True) + "\n"


def _clean(text: str) -> str:
    return _NOT_XML.sub("�", text)
