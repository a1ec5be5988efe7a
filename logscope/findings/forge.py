"""Links to lines of code at a forge: GitHub, GitLab, Bitbucket, Gitea and Forgejo."""

from __future__ import annotations

from urllib.parse import quote, urlsplit

from msgspec import Struct

from logscope.lazily import lazy

_REMOTE = lazy(
    r"(?:(?P<scheme>https?|ssh|git)://)?(?:[^@/]*@)?(?P<host>[\w.-]+)(?P<port>:\d+(?=/))?[:/](?P<path>.+)"
)
_FORGES = (
    (lazy(r"gitlab"), "{base}/-/blob/{commit}/{path}", "#L{first}-{last}"),
    (lazy(r"bitbucket\.org"), "{base}/src/{commit}/{path}", "#lines-{first}:{last}"),
    (lazy(r"gitea|forgejo|codeberg"), "{base}/src/commit/{commit}/{path}", "#L{first}-L{last}"),
    (lazy(r"github"), "{base}/blob/{commit}/{path}", "#L{first}-L{last}"),
)


class Forge(Struct, frozen=True):
    """How to write a link to a file at a commit."""

    page: str
    lines: str

    def link(self, path: str, first: int | None, last: int | None) -> str:
        """Return the address of the lines of a file, or of the whole file."""
        page = self.page.replace("{path}", quote(path))
        return page + (self.lines.format(first=first, last=last or first) if first else "")


def forge_of(remote: str, commit: str, below: str = "") -> Forge | None:
    """Return the link writer for a remote's address; None for a forge whose addresses are not known.

    Credentials in the address are dropped. `below` is the folder inside the checkout, with a final slash.
    """
    match = _REMOTE.fullmatch(remote)
    if match is None or remote.startswith(("/", ".", "file:")):
        return None
    scheme = match["scheme"] or "ssh"
    port = match["port"] or ""
    host = match["host"].lower() + (port if scheme.startswith("http") else "")
    path = match["path"].strip("/").removesuffix(".git")
    base = f"{'http' if scheme == 'http' else 'https'}://{host}/{quote(path)}"
    if not urlsplit(base).hostname:
        return None
    for named, page, lines in _FORGES:
        if named.search(host):
            page = page.format(base=base, commit=commit, path=quote(below) + "{path}")
            return Forge(page, lines)
    return None
