"""The frame of every HTML page: its head, the style sheet, and a Content Security Policy.

A page is self-contained.  Its policy allows that style sheet, by its hash, and no script, no image and no other
resource.

Source: https://www.w3.org/TR/CSP3/
"""

from __future__ import annotations

import re
from base64 import b64encode
from functools import cache
from hashlib import sha256
from importlib import resources

from convert.expressions import expression

# Bare addresses end where MediaWiki ends them.
_ADDRESS = expression(r"(?i)\bhttps?://[^][<>\"\x00-\x20\x7f\xa0\u1680\u2000-\u200a\u202f\u205f\u3000\ufffd]+")
_PUNCTUATION = ",;.:!?"
_COMMENT = expression(r"/\*.*?\*/", re.DOTALL)


def escaped(text: str) -> str:
    """Escape text between tags."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def quoted(text: str) -> str:
    """Escape the value of an attribute, and quote it."""
    return '"' + escaped(text).replace('"', "&quot;") + '"'


def address_links(text: str) -> str:
    """Write a text; web addresses in it become links, as on a wiki."""
    if "://" not in text:
        return escaped(text)
    written, end = "", 0
    for matched in _ADDRESS.finditer(text):
        address = matched[0].rstrip(_PUNCTUATION if "(" in matched[0] else _PUNCTUATION + ")")
        if not address.endswith("//"):
            written += escaped(text[end : matched.start()]) + outer_link(address, address)
            end = matched.start() + len(address)
    return written + escaped(text[end:])


def outer_link(address: str, label: str) -> str:
    """Write a link to another site."""
    return f'<a rel="nofollow noreferrer" href={quoted(address)}>{escaped(label)}</a>'


@cache
def style_sheet() -> str:
    """Return the style sheet of all pages, minified."""
    return _bare(resources.files(__package__).joinpath("page.css").read_text("utf-8"))


def _bare(style: str) -> str:
    return "\n".join(filter(None, map(str.strip, _COMMENT.sub("", style).splitlines())))


@cache
def _head(more_style: str) -> tuple[str, str]:
    """Return the head of every page, before and after the title."""
    style = style_sheet() + "\n" + _bare(more_style) if more_style else style_sheet()
    digest = b64encode(sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    before = (
        '<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="referrer" content="no-referrer">\n'
    )
    return before, f"<style>{style}</style>\n"


def opening(title: str, language: str = "en", more_style: str = "") -> str:
    """Begin a page, up to the start of its body; ``more_style`` is added to the style sheet of all pages."""
    before, after = _head(more_style)
    head = f"<head>\n{before}<title>{escaped(title)}</title>\n{after}</head>"
    return f"<!DOCTYPE html>\n<html lang={quoted(language)}>\n{head}\n<body>\n"


def closing() -> str:
    """End a page."""
    return "</body>\n</html>\n"
