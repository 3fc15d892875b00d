"""Characters that have a part in the form of a plain article: bullets, line breaks, and signs that nobody sees.

The form itself has the bullets ``-``, ``*`` and ``•``.  Word processors, converters of PDF and people write others, and
every block that has bullets (lists, the fields of infoboxes, categories) takes them from the one table here.

A vertical tab, NEL, U+2028 and U+2029 break a line; a form feed parts pages, as a blank line parts paragraphs.  To an
editor they are no lines, so that all that stands between two line feeds has the same number.

Zero-width characters and direction marks stay within text.  Beside a mark they would hide it, so they go there.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from convert.diagnostics import Diagnostic, Report
from convert.expressions import expression

#: The marks of the form.
BULLETS = "-*•"

#: Signs that text processors, converters of PDF and people write for a bullet, and that stand for nothing else there.
BULLET_SIGNS = "·●▪‣◦■□➢➤►▶→∙⁃○◆◇♦✓✔❖\uf0b7\uf0a7\uf0d8"

#: Signs that mark a bullet, and also stand in running text: white space must follow, and lines alike be next to them.
UNSURE_BULLETS = "–—‐‑‒―−+o"

_BULLET = expression(r"(?:[-*•])\s+(?=\S)|•(?=\S)")


def after_bullet(stripped: str) -> str | None:
    """Return what stands behind the bullet of a line without white space at its ends; ``None`` if it has none."""
    matched = _BULLET.match(stripped)
    return stripped[matched.end() :] if matched else None


#: Zero-width characters, direction marks and the soft hyphen.
HIDDEN = frozenset(
    "\u00ad\u061c\u180e\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)

#: What a line begins with whose mark has to be looked for.
VEILS = HIDDEN | {"＝"}

# Joiners end words of some scripts, as Malayalam's.
_NO_ENDS = "".join(sorted(HIDDEN - {"\u200c", "\u200d"}))
_BREAK = expression("[\x0b\x0c\x85\u2028\u2029]")
_VEIL = expression(rf"[\s{''.join(sorted(HIDDEN))}]+")
_MARKED = expression(
    rf"(?:[{re.escape(BULLETS + BULLET_SIGNS + UNSURE_BULLETS)}]|#+|[0-9]+[.)])\s|\||\*\*|---\Z|infobox|categor|title:",
    re.IGNORECASE,
)
_WIDE_SIDES = expression(r"[=＝]+|[=＝]+\Z")


def has_breaks(text: str, controls: bool) -> bool:
    """Return whether a text has line breaks other than line feeds; it may have some that are ``controls`` of ASCII."""
    if controls and ("\x0b" in text or "\x0c" in text):
        return True
    # Each takes a twentieth of what an expression takes for all.
    return not text.isascii() and ("\u2028" in text or "\u2029" in text or "\x85" in text)


def first_line(text: str) -> str:
    """Return a text up to its first line break of another kind than the line feed."""
    return _BREAK.split(text, maxsplit=1)[0]


def parted_lines(text: str, report: Report, line: int) -> tuple[list[str], list[tuple[int, int]]]:
    """Split a text at line breaks of all kinds; return the lines, and the line and column before each in an editor."""
    lines: list[str] = []
    places: list[tuple[int, int]] = []
    for number, whole in enumerate(text.split("\n"), line):
        parts = _BREAK.sub(lambda sign: "\n\n" if sign[0] == "\f" else "\n", whole).split("\n")
        at = 0
        for part in parts:
            at = whole.index(part, at)
            lines.append(part)
            places.append((number, at))
            at += len(part)
    _tell_breaks(text, report, line)
    return lines, places


def _tell_breaks(text: str, report: Report, line: int) -> None:
    counted = Counter(_BREAK.findall(text))
    pages = counted.pop("\f", 0)
    parts = [f"U+{ord(sign):04X} read as a line break ({count} in all)" for sign, count in sorted(counted.items())]
    if pages:
        parts.append(f"U+000C read as a blank line ({pages} in all)")
    first = _BREAK.search(text)
    assert first is not None
    at = first.start()
    column = at - text.rfind("\n", 0, at)
    report(Diagnostic("break-character", line + text.count("\n", 0, at), column, ", ".join(parts)))


def bare(line: str) -> str:
    """Return a line without what hides its mark, and with a heading's equals signs as they are in the form."""
    stripped = line.strip()
    if not stripped or not (stripped[0] in VEILS or stripped[-1] in VEILS):
        return line
    veil = _VEIL.match(line)
    core = line[veil.end() :] if veil else line
    if not core:
        return ""
    if core[0] in "=＝":
        core = core.rstrip().rstrip(_NO_ENDS).rstrip()
        return _WIDE_SIDES.sub(lambda side: side[0].replace("＝", "="), core) if core[-1] in "=＝" else line
    if veil and _MARKED.match(core):
        return "".join(sign for sign in veil[0] if sign not in HIDDEN) + core
    return line


def bare_lines(lines: Sequence[str], report: Report, base: int, code: Iterable[tuple[int, int]] = ()) -> list[str]:
    """Return lines as ``bare`` makes them, but for those of ``code``, with one diagnostic at the first that changes."""
    made = list(map(bare, lines))
    for start, end in code:
        made[start:end] = lines[start:end]
    changed = [at for at, (old, new) in enumerate(zip(lines, made, strict=True)) if old != new]
    hidden = [at for at in changed if lines[at].strip()[0] in HIDDEN or lines[at].strip()[-1] in HIDDEN]
    wide = [at for at in changed if "＝" in lines[at] and "＝" not in made[at]]
    if hidden:
        signs = sorted({sign for at in hidden for sign in lines[at] if sign in HIDDEN})
        named = ", ".join(f"U+{ord(sign):04X}" for sign in signs)
        places = "here" if len(hidden) == 1 else f"in {len(hidden)} lines"
        message = f"{named} beside a mark {places} left out, so that the mark counts: remove it"
        report(Diagnostic("invisible-character", hidden[0] + base, 1, message))
    if wide:
        headings = "a heading" if len(wide) == 1 else f"{len(wide)} headings"
        message = f"{headings} read with '＝' for '=': write '= … ='"
        report(Diagnostic("heading-form", wide[0] + base, 1, message))
    return made


def bare_ends(text: str) -> str:
    """Return a heading's text without hidden characters at its ends, if more than signs is left."""
    bared = text
    while bared and (bared[0] in HIDDEN or bared[-1] in _NO_ENDS):
        bared = bared.lstrip("".join(HIDDEN)).rstrip(_NO_ENDS).strip()
    return bared if bared.strip("= ") else text
