"""Words around a failure's name that show that somebody only speaks of it: a person, a model, a manual.

A program's report begins with the failure, or leads up to it with what failed: `cannot listen: [Errno 98] …`, also in
the quotes of a provider's answer. A mention is named as somebody's words (`query "…"`, `the user wrote: …`), or is part
of a sentence about the failure (`if you see "…"`, `"…" means that …`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from logscope.lazily import lazy

NEAR, _BEHIND = 600, 240
"""Characters before a failure's name, and behind it, that are looked at."""
_FAILED = (
    r"fail|error|could|can(?:no|')t|unable|unavail|rais|crash|abort|reject|refus|delay|timed|skip|fall|because|due\b"
    r"|ended|exit|denied|stopp|lost|disabl|broke|not\b"
)
_GAP = rf"(?:(?!\b(?:{_FAILED}))[^\n:\"'`“‘«=]){{0,80}}?"
"""What stands between whose words they are and the words; where something failed, they are the failure's own."""
_QUOTED = (
    r"[rbuf]?(?:\\?\"(?:[^\"\n\\{]|\\.)*|“[^”\n{]*|«[^»\n{]*|`[^`\n{]*|\\?'(?![\s,;.:)])(?:[^'\n\\{]|\\.|(?<=\w)'(?=\w))*)"
    r"(?:\{[^\n]*)?"
)
"""A quotation that is still open where the failure is named; behind a brace other quotation marks are its own."""
_KEY, _IS = r"(?<![\w.])[\"'\\]{0,4}", r"[\"'\\]{0,4}\s*[=:]\s*\\?"
"""Around a member's name, and between it and the value."""
_SYSTEM = r"(?:server|client|worker|child|process|provider|upstream|peer|host|api)\b"
_PEOPLE = (
    r"(?:users?|customers?|callers?|visitors?|members?|humans?|reporters?|people|somebody|someone|he|she|they|assistant"
    r"|bot|model|@\w+)"
)
_SPEAKS = (
    r"(?:ask(?:s|ed|ing)?|say(?:s|ing)?|said|writes?|wrote|typed|reports?|reported|posts?|posted"
    r"|complain(?:s|ed)?|claim(?:s|ed)?|mention(?:s|ed)?|pastes?|pasted|quotes?|quoted)(?!\s+to\b)"
)
_CITES = (
    r"(?:quot|past|mention)(?:es?|s|ed)\s(?:(?:an?|the|this|their)\s)?(?:error|failure|exception|traceback)"
)
_TEXTS = (
    r"(?:search(?:es|ed|ing)?|quer(?:y|ies)|(?:results?|hits?|match(?:es)?|answers?)\s+(?:found\s+)?for|terms?|keywords?"
    r"|subject|title[ds]?|headline|summary|tickets?|issues?|case|posts?|threads?|comments?|reviews?|feedback|survey"
    r"|e-?mails?|utterance|transcript|prompts?|questions?|(?:commit|chat|user|customer|slack|direct)\s+(?:messages?|text|subject|input)"
    rf"|(?:text|input)\s+(?:from|of|by)|messages?(?=\s+(?:of|from|by|in)\s+(?!(?:the\s+)?{_SYSTEM}))|chunks?|passage|snippet|excerpt|phrase|sentence"
    r"|examples?|template|translations?|duplicate\s+of|labels?)"
)
_ASKED_KEY = (
    r"(?:q|query|sql|statement|search\w{0,12}|term|keywords?|subject|title|headline|utterance|question|(?:chat|user)_\w{1,12}|transcript"
    r"|snippet|quote|feedback|review|comment|summary|commit\w{0,8}|input|excerpt|example|caption)"
)
_MADE_KEY = r"(?:content|text|prompt|answer|completion|body|description)"
_ASKED = lazy(
    rf"""(?:
        {_KEY}{_ASKED_KEY}{_IS}{_QUOTED}
      | ^{_ASKED_KEY}=[^\n]*
      | ["']role["'\\]{{1,4}}:\s*\\?["'](?:user|human|system)\\?["'],\s*\\?["']content{_IS}{_QUOTED}
      | \b(?:Human|User|System|Chat)Message\(content={_QUOTED}
      | (?:\\n|["'])(?-i:Human|User|Assistant|AI):\s[^\n]*
      | (?<![\w./@-]){_TEXTS}(?![\w./@-]){_GAP}(?:[:=]\s*|\s){_QUOTED}
      | \b{_PEOPLE}\b{_GAP}\b{_SPEAKS}\b{_GAP}(?:["'“`‘«:=\[][^\n]*)?
      | \b(?:{_PEOPLE}|answers?|{_TEXTS})\b{_GAP}\b{_CITES}\b{_GAP}(?:["'“`‘«:=][^\n]*)?
      | \bsearch(?:ing|ed|es)?\s(?:[\w-]+\s){{0,3}}?for:\s[^\n]*
      | \b(?:comment|docs?|documentation|readme|manual|guide|faq|article|page)\s+(?:says?|reads?|tells?)\b[^\n]*
    )$""",
    re.VERBOSE | re.IGNORECASE,
)
"""Whose words they are stands before them: somebody who asks, searches or writes."""
_ASKED_TEXT = lazy(
    rf"""\b(?:
        (?:tickets?|issue|case|text|messages?|posts?|reviews?|e-?mails?|comments?|question)
          (?=\s+(?:\#|\d|(?:of|from|by|in)\s+(?!(?:the\s+)?{_SYSTEM})))
      | (?:un\w+|open|new|incoming)\s+question
    ){_GAP}:\s(?P<words>[^\n]*)$""",
    re.VERBOSE | re.IGNORECASE,
)
"""The same without quotation marks, up to the colon."""
_IN_VAIN = lazy(
    r"\b(?:not?|cannot|can't|couldn't|fail\w*|unable|error|retry\w*|attempt|tried|tries|giving\s+up|gave\s+up|while|during|unexpected|invalid)\b"
    r"[^\n:]{0,80}:\s",
    re.IGNORECASE,
)
"""What was tried with such a text, and the colon behind which the reason stands."""
_MEMBERS = ('",', "',")
"""What ends a member's value: what was said in it is not said of the next."""
_MADE_TEXT = lazy(
    rf"""(?:
        \b(?:prompts?|completions?|repl(?:y|ies)|responses?(?!\sfrom)|answers?|drafts?|tool\s(?:\S+\s)?(?:results?|outputs?|calls?|returned)
          |(?:assistant|model|agent|bot|ai|llm)\s(?:messages?|text|outputs?|thoughts?)|thinking|reasoning|observation)\b{_GAP}(?::\s+(?=["'`“«])|\s(?=["'`“«])|(?P<colon>:\s+))
      | {_KEY}{_MADE_KEY}{_IS}(?=["'“])
      | ^(?P<key>{_MADE_KEY}=)
    )(?P<words>(?(colon)[^\n]*|(?(key)[^\n]*|{_QUOTED})))$""",
    re.VERBOSE | re.IGNORECASE,
)
"""What a model or a tool has written: it may be a failure's report, then that stands first."""
_REPORT = lazy(
    r"[\[({\"'`“\\]*+(?:(?>the\b|your\b|[\w.]*(?:Error|Exception)\b|[\w.]+\.|(?:mcp|session|server|client|connection|request|api)\s|HTTP\s\d{3}|[^\w#,]"
    r"|[^\n\"'“`:]{0,80}\b(?:failed|failure|error|unavailable|refused|lost)\b[^\n\"'“`:]{0,40}(?::\s|\Z))[:(\s]*+)*+\Z",
    re.IGNORECASE,
)
_MACHINE = lazy(
    r"[\[{(\"']*(?:[\w.]*(?:Error|Exception)\b|Error code: \d|\[Errno|\{|MCP error|(?:HTTP )?\d{3} [A-Z]|HTTP \d{3}"
    r"|(?:[Cc]annot|[Cc]ould not|[Ff]ailed to|[Uu]nable to) |\w{4,}\(|[^\n:\"'`“]{0,80}\bfailed: )"
)
"""How a program's report begins."""
_LEAD = lazy(
    r"[^\n]*(?P<report>\[(?:Errno|WinError) -?\d+\]|\b[\w.]*(?:Error|Exception)\b|\bError code: \d+)"
)
"""Up to where the report begins whose name is found further on."""
_CHAIN = lazy(r"(?:[\w.@/()#-]++ ?){0,6}+: *\Z")
"""Names of parts, one within the other, up to a failure's name."""
_SEEN = r"(?:see|saw|get|got|hit|receive|encounter|find|ignore)"
_MAY = r"(?:(?:will|may|might|can|could|would|should|always|often|only|also|just|still)\s+)*"
_ON = r"(?:[^\n:]|(?<=Error):|(?<=Exception):|:(?=\S))"
"""What a sentence goes on with: behind a colon and a blank stands a reason, but for that of a class."""
_ABOUT = lazy(
    rf"""(?:
        \b(?:if|when|whenever|once|where)\s+(?:you|someone|users?|it|(?:the\s)?(?:log|pod|container|client)s?)\s+(?:\w+\s+)?(?:{_SEEN}|say|read|show|print)s?\b[^\n]*
      | \byou\s+{_MAY}{_SEEN}\b[^\n]*
      | \bany(?:one|body)\s+(?:else\s+)?(?:seen|seeing|had|hit|getting|know[sn]?)\b[^\n]*
      | \b(?:why|how|what)\b(?:\s+\w+){{0,4}}?\s+(?:do|does|did|to|can|means?|meant)\b[^\n]*
      | ^\W{{0,3}}(?:when|whenever)\s+(?:the\s+)?[\w-]+\s+(?:returns|responds|answers|raises|throws)\b[^\n]*
      | \b(?:(?-i:I)|my|(?-i:I)'m)\s[^\n]*
      | \bif\s+(?:the|a|an|it|this|that|startup)\b{_ON}{{0,80}}
      | ^\W{{0,3}}(?:if|when|whenever)\s[^\n:("'`“]{{1,60}}\(["'`“][^\n]*
      | \b(?:users?|we|they)\s+{_MAY}{_SEEN}\b{_ON}{{0,60}}
      | \b(?:why|how|what)\b(?:\s+\w+){{0,4}}?\s+(?:is|are|am|was|would|should)\b{_ON}{{0,80}}
      | \b(?:why|otherwise)\s{_ON}{{0,60}}
      | ^\W{{0,3}}(?:the|this|that|these|an?)\s+(?:\w+\s+)?(?:errors?|messages?|exceptions?|warnings?|sentence
          |(?:log\s)?lines?)\s*(?:{_QUOTED}|\([^\n]*)
      | \b(?:e\.g\.|for\sexample|for\sinstance|such\sas|(?:errors?|messages?|lines?|something)\slike|known\sas|prints
          |means|meaning|explains?|translates?|mention(?:s|ing)?|contains|describes?|about|instead\sof|fails\swith
          |answers\swith|no\slonger\s(?:fails?|raises?)|matches|matching|grep|(?:handle|ignore|avoid|prevent|reproduce|diagnose)s?(?=\s["'`“])|(?:say|leads?\sto)(?=\s["'`“])|(?:raise|throw)s(?=\s["'`“]))
        \b(?:[^\n]{{0,60}}|[^\n"'`“]{{0,40}}{_QUOTED})
    )$""",
    re.VERBOSE | re.IGNORECASE,
)
"""A sentence about the failure, as manuals, questions and answers have it."""
_MEANT = lazy(
    r"""
        [^"'`”’*\n<]{0,200}["'`”’*)>]{1,4}\s*[,.:]?\s*(?:means?\b|indicates?\b|tells?\b|comes?\sfrom|happens?\b|usually\b
          |is\s(?:what|raised|printed|logged|shown|returned|an?|the|caused|how|when|used|usually|often|harmless)\b
          |in\s(?:str|caplog|\w+\.))
      | [^"'`”’*\n<]{0,200}["'`”’*>]{1,3}\s*(?:->|→|=>|\|)
      | [^"'`”’*\n<]{0,200}["'`”’]{1,2}(?:\s\w{1,12}){0,3}[?？]
      | [^\n"'.]{0,120}?\s(?:means?|indicates)\s(?:that|the|your|you|an?)\b
      | [^\n]{0,160}?[,;:.–—)"'”’-]\s+(?:again,\s+)?(?:who|what|why|how|any\sidea)\b[^.\n]{0,60}\?
      | [^\n]{0,160}?\s(?:what|why|how)\s(?:does|do|is|can|to|should)\b[^.\n]{0,40}\?
      | [^\n"]{0,80},\swhen\s(?:the|you|no|an?|it)\b
      | [^\n]{0,160}?\s(?:please\shelp|how\s(?:do|can)\sI)\b
    """,
    re.VERBOSE | re.IGNORECASE,
)
"""What follows when the failure was named to be explained, or asked about."""
_SENTENCE = lazy(r"(?<=[.!?])\s+(?=\S)|[.!?][\"'”][:;,]?\s+|\\n")


def is_mentioned(line: str, start: int, end: int) -> bool:
    """Whether the words around line[start:end], a failure's name, show that somebody only speaks of it."""
    if _spoken(line, start, end):
        return True
    report = _LEAD.match(line[max(start - NEAR, 0) : start])
    return report is not None and _spoken(line, max(start - NEAR, 0) + report.start("report"), end)


def _spoken(line: str, start: int, end: int) -> bool:
    before = line[max(start - NEAR, 0) : start]
    if names_asker(before) or _MEANT.match(line[end : end + _BEHIND]):
        return True
    words = before + line[start:end]
    if any(not _MACHINE.match(words, place) for place in _words(_ASKED_TEXT, before)):
        return True
    for place in _words(_MADE_TEXT, before):
        if not (_REPORT.match(before, place) or _CHAIN.match(before, place) or _MACHINE.match(words, place)):
            return True
    return _ABOUT.search(_SENTENCE.split(before)[-1]) is not None


def _words(introduced: re.Pattern[str], before: str) -> Iterator[int]:
    """Give the places where somebody's words may begin, not the reason why something could not be done with them."""
    found = introduced.search(before)
    while found is not None:
        member = max(before.rfind(mark, 0, found.start()) for mark in _MEMBERS) + 1
        if _IN_VAIN.search(before, member, found.start("words")) is None:
            yield found.start("words")
        found = introduced.search(before, found.start() + 1)


def names_asker(before: str) -> bool:
    """Whether a text ends by naming whose words follow: those of somebody who asks, searches or writes."""
    return _ASKED.search(before) is not None
