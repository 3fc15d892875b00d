"""A title to its page on a wiki, or to the reason why it is not a valid title.

MediaWiki folds titles: runs of spaces and underscores become one space, marks of direction are dropped, the first
letter is upper-cased (``WikiProfile.case``), and a prefix before a colon may mean a namespace or another wiki.
Different titles can therefore be one page, and some can be none.

    page_of("port_ellen", profile)    WikiTitle(namespace=0, name="Port ellen", title="Port ellen")
    page_of("talk: Islay", profile)   WikiTitle(namespace=1, name="Islay", title="Talk:Islay")
    page_of("C#", profile)            BadTitle("a title cannot hold '#': …")

**Replacement.**  In a title that cannot be a page, illegal characters can be replaced by others that look alike and
stand in hardly any title (``REPLACEMENTS``: ``C#`` becomes ``C﹟``).  Before one of those that the author wrote
himself comes a backslash, and the backslashes before either are doubled.  So nothing is lost: ``restored`` gives back
the title, and different titles stay different.

Sources: https://www.mediawiki.org/wiki/Help:Bad_title, MediaWikiTitleCodec::splitTitleString
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal
from unicodedata import is_normalized

from msgspec import Struct

from convert.ast import Article
from convert.diagnostics import Diagnostic, Report, shown
from convert.expressions import expression
from convert.nfc import to_nfc
from convert.profile import MAIN, TALK, WikiProfile

MAX_TITLE_BYTES = 255

#: How an address begins that becomes a link ($wgUrlProtocols).
ADDRESS = (
    r"(?i:(?:ftp|ftps|git|gopher|http|https|irc|ircs|mms|nntp|redis|sftp|ssh|svn|telnet|worldwind)://"
    r"|(?:bitcoin|geo|magnet|mailto|matrix|news|sip|sips|sms|tel|urn|xmpp):)"
)
_ADDRESS_START = expression(ADDRESS)

#: How an invalid title is treated.
Titles = Literal["reject", "replace"]

#: Replacements of illegal characters: small form variants if Unicode has them, else the most similar ones.
REPLACEMENTS: dict[str, str] = {
    "#": "﹟", "<": "﹤", ">": "﹥", "[": "﹝", "]": "﹞", "{": "﹛", "}": "﹜", "|": "￨",
    "%": "﹪", "&": "﹠", "~": "⁓", ".": "﹒", ":": "﹕", "\x7f": "␡", **{chr(n): chr(0x2400 + n) for n in range(32)},
}  # fmt: skip
_ORIGINALS = {replacement: original for original, replacement in REPLACEMENTS.items()}

_DIRECTIONS = expression("[\u200e\u200f\u202a-\u202e]+")
_SPACES = expression("[ _\xa0\u1680\u180e\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+")
_ILLEGAL = expression(
    "[\x00-\x1f#<>\\[\\]{|}\x7f\ud800-\udfff\ufffd-\uffff]|%[0-9A-Fa-f]{2}|&[^\x00-/:-@\\[-`{-\x7f]+;|~~~"
)
_DOTS = expression(r"(?:^|/)\.{1,2}(?:/|$)")
# Possessive: a plain match is quadratic on long runs.
_BACKSLASHES = r"(?<!\\)(\\*+)"
# With the backslashes before it, what must be replaced, or what would afterwards be taken for a replacement.  Of '&'
# it takes in some that are legal, because what is replaced behind it may complete what was not illegal: '&#;'; and
# some that are not it leaves, in titles that are too long anyway.
_REPLACEABLE = expression(
    _BACKSLASHES
    + r"(?:([#<>\[\]{|}\x00-\x1f\x7f]|~{3,}|%(?=[0-9A-Fa-f]{2})|&(?=[^ ;]{1,255};)"
    + rf"|(?:(?<![^/:])|(?<=: ))\.{{1,2}}(?![^/]))|([{''.join(_ORIGINALS)}]))"
)
_REPLACEMENT = expression(rf"{_BACKSLASHES}([{''.join(_ORIGINALS)}])")
_FIRST_COLON = expression(f"{_BACKSLASHES}:")

_PROBLEMS = {
    "%": "{} would be read as an encoded character: part the '%' from what follows",
    "&": "{} would be read as one character: write that character itself",
    "~": "three tildes would become a signature: leave some out",
    "\ufffd": "it holds U+FFFD, the sign for a character that was lost: correct it",
}
#: What is wrong with U+FFFD, which keeps a link from leading anywhere even in a fragment.
LOST_CHARACTER = _PROBLEMS["\ufffd"]


class WikiTitle(Struct, frozen=True):
    """A page of a wiki: its namespace's number, its name there, and its title with the namespace before it."""

    namespace: int
    name: str
    title: str


class BadTitle(Struct, frozen=True):
    """Why a title is invalid, and what to do; follows a colon."""

    problem: str


def page_of(title: str, profile: WikiProfile, namespace: int = MAIN) -> WikiTitle | BadTitle:
    """Return the page of a title; ``namespace`` is the default for a title without one.

    A title with a leading colon, an interwiki prefix, or one of the namespaces Special and Media cannot be written.
    """
    name = folded(title)
    if not name:
        return BadTitle("it is empty: give the article a title")
    illegal = _ILLEGAL.search(name)
    if illegal:
        return BadTitle(_illegal(illegal[0]))
    if ":" in name:
        split = _split(name, profile, namespace)
        if isinstance(split, BadTitle):
            return split
        namespace, name = split
    if "." in name and _DOTS.search(name):
        return BadTitle("'.' and '..' between slashes lead elsewhere in an address: leave them out")
    size = len(name) if name.isascii() else len(name.encode())
    if size > MAX_TITLE_BYTES:
        return BadTitle(f"it has {size} bytes, and {MAX_TITLE_BYTES} are the limit: shorten it")
    if profile.case_of(namespace) == "first-letter":
        name = _capitalised(name)
    return WikiTitle(namespace, name, f"{profile.namespaces[namespace]}:{name}" if namespace else name)


def article_page(article: Article, report: Report, profile: WikiProfile, titles: Titles = "reject") -> WikiTitle | None:
    """Return the page of an article, and report what its author should know; ``None`` if the title is invalid."""
    title = article.title
    changed = replaced(title, profile) if titles == "replace" else title
    page = page_of(changed, profile)
    if isinstance(page, BadTitle):
        message = f"no page can be called {shown(title)}: {page.problem}"
        report(Diagnostic("title-invalid", article.line, 1, message))
        return None
    if titles == "replace" and changed != folded(title):
        message = f"{shown(title)} becomes {shown(changed)}: rename the article if it should be called otherwise"
        report(Diagnostic("title-replaced", article.line, 1, message))
    if page.namespace != MAIN:
        space = profile.namespaces[page.namespace]
        message = f"{shown(title)} becomes a page of the namespace '{space}': change the colon if that is not meant"
        report(Diagnostic("title-namespace", article.line, 1, message))
    return page


def display_title(title: str, page: WikiTitle, profile: WikiProfile) -> str | None:
    """Return what ``{{DISPLAYTITLE:…}}`` can say so that the page shows its title as it was written.

    The wiki takes nothing else than what is the same page, so it serves a small first letter and underscores, and not
    titles that were replaced.  ``None`` where it does not serve or nothing is to be said.
    """
    wanted = " ".join(to_nfc(_DIRECTIONS.sub("", title)).split())
    return wanted if wanted != page.title and page_of(wanted, profile) == page else None


def is_address(text: str) -> bool:
    """Return whether the target of a link is an address, and no title."""
    return text.startswith("//") or _ADDRESS_START.match(text) is not None


def collisions(titles: Iterable[str], profile: WikiProfile, mode: Titles = "reject") -> dict[str, list[str]]:
    """Return the titles of articles with the same page, in order, by the title of the page."""
    by_page: dict[str, list[str]] = {}
    for title in titles:
        page = page_of(replaced(title, profile) if mode == "replace" else title, profile)
        if isinstance(page, WikiTitle):
            by_page.setdefault(page.title, []).append(title)
    return {page: several for page, several in by_page.items() if len(several) > 1}


def folded(title: str) -> str:
    """Normalize a title as the wiki does: white space and underscores, bidi marks, NFC."""
    if title.isascii():
        title = title.replace("_", " ").strip(" ")
        return _SPACES.sub(" ", title) if "  " in title else title
    # A bidi mark may separate a letter from its accent: without it they compose.
    return _SPACES.sub(" ", to_nfc(_DIRECTIONS.sub("", title))).strip(" ")


def replaced(title: str, profile: WikiProfile) -> str:
    """Replace illegal characters reversibly: ``restored`` returns the normalized title.

    An empty title, an overlong one, and U+FFFD cannot be repaired.
    """
    text = folded(title)
    if not _REPLACEMENT.search(text) and isinstance(page_of(text, profile), WikiTitle):
        return text
    text = _REPLACEABLE.sub(_replacement, text)
    if ":" in text and isinstance(page_of(text, profile), BadTitle):
        # Any problem with a colon is solved by replacing the first one.
        text = _FIRST_COLON.sub(lambda matched: matched[1] * 2 + REPLACEMENTS[":"], text, count=1)
    return text


def restored(title: str) -> str:
    """Undo ``replaced``."""
    return _REPLACEMENT.sub(_original, title)


def _replacement(matched: re.Match[str]) -> str:
    backslashes, illegal, own = matched.groups()
    return backslashes * 2 + (f"\\{own}" if own else "".join(REPLACEMENTS[character] for character in illegal))


def _original(matched: re.Match[str]) -> str:
    backslashes, replacement = matched.groups()
    return "\\" * (len(backslashes) // 2) + (replacement if len(backslashes) % 2 else _ORIGINALS[replacement])


def _split(name: str, profile: WikiProfile, namespace: int) -> tuple[int, str] | BadTitle:
    """Split a name at its colon, if the prefix is a namespace."""
    prefix, rest = _at_colon(name)
    if not prefix:
        return BadTitle("the wiki drops the colon at the start: leave it out")
    number = profile.namespace_numbers.get(prefix.lower())
    if number is None:
        if prefix.lower() in profile.interwiki:
            return BadTitle(f"'{prefix}:' leads to another wiki: leave the colon out")
        return namespace, name
    if number < 0:
        return BadTitle(f"'{prefix}:' pages are the wiki's own: leave the colon out")
    if not rest:
        return BadTitle(f"nothing stands behind '{prefix}:': leave the colon out")
    if rest[0] == ":":
        return BadTitle(f"a second colon stands behind '{prefix}:': leave it out")
    if number == TALK and ":" in rest:
        second, _ = _at_colon(rest)
        if second.lower() in profile.namespace_numbers or second.lower() in profile.interwiki:
            return BadTitle(f"'{prefix}:' cannot stand before '{second}:': leave one of them out")
    return number, rest


def _at_colon(name: str) -> tuple[str, str]:
    prefix, _, rest = name.partition(":")
    return prefix.rstrip(" "), rest.lstrip(" ")


def _capitalised(name: str) -> str:
    """Upper-case the first letter, if all wikis agree on the result.

    Otherwise (Georgian; a letter whose capital is two, such as that of ``ß``, or composes with the next mark) the wiki
    does it on arrival.
    """
    first = name[0]
    capital = first.upper()
    if capital == first or len(capital) > 1 or "\u10d0" <= first <= "\u10ff":
        return name
    name = capital + name[1:]
    return name if name.isascii() or is_normalized("NFC", name) else first + name[1:]


def _illegal(characters: str) -> str:
    problem = _PROBLEMS.get(characters[0])
    return (problem or "a title cannot hold {}: leave it out, or put another for it").format(shown(characters))
