"""mwparserfromhell as a second opinion on the scanner's result, before an existing page is changed.

It is only used where it takes about linear time.  At an opening that is never closed, or nested too deep, it
backtracks, which is quadratic: ten thousand ``{{a|`` take a minute.  So failing openings are counted before, in one
pass.
"""

from __future__ import annotations

from typing import Any

from convert.expressions import expression
from convert.wikitext.scan import Call

#: Limit of failing openings times the length of the text, which each may cause to be read again: some seconds.
MOST_REREAD = 40_000_000
#: Maximum nesting (mwparserfromhell's own limit).
_MAX_DEPTH = 40

_TOKENS = expression(r"<!--|-->|</?[^\s/<>!][^<>{}\[\]]*>?|\{\{|\}\}|\{\||\|\}|\[\[|\]\]|\[(?=[\w/])|\]")
_CLOSED_BY = {"-->": "<!--", "}}": "{{", "|}": "{|", "]]": "[[", "]": "["}
#: Void tags.
_SINGLE = frozenset(f"<{name}" for name in "br wbr hr meta link img li dt dd th td tr".split())


def parsed(text: str) -> Any | None:
    """Parse wikitext; return ``None`` if that would take too long, or the nesting is too deep."""
    if not is_quick(text):
        return None
    from mwparserfromhell import parse  # slow to import

    try:
        read = parse(text, skip_style_tags=True)
        str(read)  # raised at any depth
    except RecursionError:
        return None
    return read


def is_quick(text: str) -> bool:
    """Return whether few openings of a text fail, so that parsing takes about linear time."""
    most = MOST_REREAD // (len(text) + 1)
    opened: list[str] = []
    failed = 0
    for token in _TOKENS.findall(text):
        opening = _CLOSED_BY.get(token)
        if token[0] == "<" and token != "<!--":
            name = "<" + token.strip("</>").partition(" ")[0].strip().lower()
            if token[1] == "/":
                opening = name
            elif token[-1] == ">" and (token[-2] == "/" or name in _SINGLE):
                continue
            token = name if token[-1] == ">" else ""
        if opening:
            if opening in opened:
                while opened.pop() != opening:
                    failed += 1
        elif token and len(opened) < _MAX_DEPTH:
            opened.append(token)
        else:
            failed += 1
        if failed > most:
            return False
    return failed + len(opened) <= most


def agreed(text: str, scanned: list[Call]) -> bool:
    """Return whether mwparserfromhell finds the scanned calls, at any depth, with the same parts.

    It tells no positions, so it must find a call wherever the text of one stands.  ``False`` for a page that it cannot
    parse in about linear time.
    """
    if not scanned:
        return True
    read = parsed(text)
    if read is None:
        return False
    texts = [text[call.start : call.end] for call in scanned]
    nodes: dict[str, list[Any]] = {one: [] for one in texts}
    for node in read.ifilter_templates(recursive=True):
        if (own := str(node)) in nodes:
            nodes[own].append(node)
    return all(
        not call.heading
        and len(nodes[own]) == text.count(own)
        and all(_parts(node) == (call.parts, call.equals) for node in nodes[own])
        for call, own in zip(scanned, texts, strict=True)
    )


def _parts(node: Any) -> tuple[tuple[str, ...], tuple[int, ...]]:
    equals = [len(str(parameter.name)) if parameter.showkey else -1 for parameter in node.params]
    return (str(node.name), *map(str, node.params)), (-1, *equals)
