"""A page taken apart with the standard library: elements in order, with their attributes and text."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = frozenset({"meta", "input", "br"})


@dataclass
class Node:
    """An element; `text` is all text in it."""

    tag: str
    attrs: dict[str, str]
    parent: Node | None = None
    children: list[Node] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(self.pieces)

    def all(self, tag: str = "", **attrs: str) -> list[Node]:
        """Descendants in document order, by tag and attribute values (`class_` for class words)."""
        word = attrs.pop("class_", "")
        found = []
        for child in self.children:
            fits = tag in ("", child.tag) and word in ["", *child.attrs.get("class", "").split()]
            if fits and all(child.attrs.get(name) == value for name, value in attrs.items()):
                found.append(child)
            found += child.all(tag, **({"class_": word} if word else {}), **attrs)
        return found

    def one(self, tag: str = "", **attrs: str) -> Node:
        """The only such descendant."""
        (found,) = self.all(tag, **attrs)
        return found


class _Builder(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = self.here = Node("", {})

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = Node(tag, {name: value or "" for name, value in attrs}, self.here)
        self.here.children.append(node)
        if tag not in VOID:
            self.here = node

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.here.children.append(Node(tag, {name: value or "" for name, value in attrs}, self.here))

    def handle_endtag(self, tag: str) -> None:
        if self.here.tag != tag or self.here.parent is None:
            raise AssertionError(f"</{tag}> closes <{self.here.tag}>")
        self.here = self.here.parent

    def handle_data(self, data: str) -> None:
        node: Node | None = self.here
        while node is not None:
            node.pieces.append(data)
            node = node.parent


def read(html: str) -> Node:
    """Parse a page in which every element is closed."""
    builder = _Builder()
    builder.feed(html)
    builder.close()
    assert builder.here is builder.root, f"<{builder.here.tag}> is never closed"
    return builder.root
