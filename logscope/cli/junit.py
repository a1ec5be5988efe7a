"""JUnit XML of rule samples: one test case per sample, passes listed too."""

from __future__ import annotations

import re
from collections.abc import Sequence
from xml.etree import ElementTree

from logscope.selftest import SampleResult

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def samples_junit(results: Sequence[SampleResult]) -> str:
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
