"""PHP's messages around an answer: notices, warnings, a byte order mark, a line of a debugger.

With ``display_errors`` on, PHP writes its messages into the page, before the JSON or behind it.  The JSON is whole, and
is read; what stands around it is told, because browsers and other programs stumble over it.
"""

from __future__ import annotations

import re
from html import unescape
from typing import NamedTuple

from convert.expressions import expression
from convert.printable import redacted, visible
from convert.upload.client.decoding import names_of

_BOM = b"\xef\xbb\xbf"
#: What PHP and its debuggers begin messages with.
_NOTICE = expression(
    rb"(?:<b>|PHP |^|\s)(Notice|Warning|Deprecated|Strict Standards|Fatal error|Parse error|User \w+)(?:</b>)?: ",
    re.ASCII,
)
#: A string, an opening or a closing: enough to find the end of an object.
_TOKEN = expression(rb'"(?:[^"\\]++|\\.)*+"|[{}]', re.DOTALL)
_START = expression(rb'\{\s*"')
_MOST_STARTS, _MAX_NOISE, _MAX_SHOWN = 20, 1 << 16, 200
_TAGS = expression(r"<[^>]*>")


class Noisy(NamedTuple):
    """The JSON of an answer, and what stands around it, in words."""

    content: bytes
    notice: str


def without_notices(body: bytes) -> Noisy | None:
    """Return the JSON object within the messages of PHP; ``None`` where there are none, or no JSON.

    Raises Misshapen where it is nested too deep.
    """
    if body.startswith(_BOM):
        body = body[len(_BOM) :]
        if body.lstrip()[:1] == b"{":
            return Noisy(body, "a byte order mark stands before its answers: save LocalSettings.php without one")
    for number, start in enumerate(_START.finditer(body, 0, _MAX_NOISE)):
        end = _end(body, start.start())
        if end < 0 or number == _MOST_STARTS:
            return None
        content, before, after = body[start.start() : end], body[: start.start()], body[end:]
        around = len(after) <= _MAX_NOISE and _are_messages(before) and _are_messages(after)
        # A message may quote something that looks like the beginning.
        if around and names_of(content):
            return Noisy(content, _told(before or after))
    return None


def _end(body: bytes, start: int) -> int:
    """Return where an object ends, -1 if it does not."""
    depth = 0
    for token in _TOKEN.finditer(body, start):
        depth += {b"{": 1, b"}": -1}.get(token[0], 0)
        if depth == 0:
            return token.end()
    return -1


def _are_messages(around: bytes) -> bool:
    return not around.strip() or bool(_NOTICE.search(around))


def _told(around: bytes) -> str:
    words = " ".join(unescape(_TAGS.sub(" ", around.decode("utf-8", "replace"))).split())
    # Its first message, without what stands before it.
    notice = re.search(
        r"(?:PHP )?(?:Notice|Warning|Deprecated|Strict Standards|Fatal error|Parse error|User \w+) ?:.*", words
    )
    message = (notice[0] if notice else words)[:_MAX_SHOWN]
    return (
        f"PHP's messages stand in its answers ('{visible(redacted(message))}'): the JSON between them was read; set "
        "display_errors = Off in php.ini"
    )
