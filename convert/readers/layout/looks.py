"""What other markup the text of an article looks like: one warning, with what happens to it.

Only what was kept as text is asked: not the marks of headings and facts that were read, nor what stands between fences.
One stray sign is none: each sign has a weight, and it takes two to look like something.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Literal

from msgspec import Struct

from convert.ast import Article, Block, Code, List, Paragraph, Section, Table, shown_text
from convert.diagnostics import Diagnostic, Report, shown
from convert.expressions import expression
from convert.readers.layout.rows import RowKind

#: Whether wikitext in articles is text, or markup that is passed on.
Markup = Literal["literal", "passthrough"]

#: How lines begin that may be marks; they are worth a look at the whole article.
STARTS = frozenset("|>;:!'^$#`~")
#: A line that begins as a tag of BBCode, a link of Org or a block of AsciiDoc does.
TAG = expression(r"\[(?:[a-z]{1,6}[\]=]|\[|[A-Z]{3,9}\]|(?:source|quote|cols|options)\b)")

_ENOUGH = 2
# So much of an article is looked at: who writes in another markup does so from the start.
_MOST_CHARACTERS = 20_000
# A text has one of these signs and, directly behind it, one of those characters, or it looks like nothing.
_SECONDS = {"{": "{|:", "*": "*", "]": "](:\n", "&": "#nmhalgq"}
_NAMESPACES = "[Cc]ategory|[Ff]ile|[Ii]mage|Kategorie|Datei|Fichier|Catégorie|Archivo|Categoría"
_TAGS = (
    "p|br|hr|b|i|u|em|strong|div|span|[uod]l|li|d[td]|table|t[rdh]|tbody|thead|h[1-6]|a|img|su[bp]|blockquote|pre|code"
)


class Look(Struct, frozen=True):
    """A kind of markup, and an example of it."""

    kind: str
    example: str


def _signs(*signs: tuple[int, str, str]) -> tuple[tuple[int, str, re.Pattern[str]], ...]:
    """Make signs of their weights, what each has in it, which is found in a moment, and how it is written."""
    return tuple((weight, part, expression(pattern, re.MULTILINE)) for weight, part, pattern in signs)


# Each expression takes linear time: what it repeats ends before its own first sign, or is bounded.  Where it can, it
# begins with a sign, which is found many times as fast as what must not stand before one.
_KINDS = {
    "wikitext": _signs(
        (2, "{{", r"^\{\{[A-Za-z][^{}\n|]{1,80}(?:\||\}\}|$)"),
        (2, "{|", r"^\{\|.{0,80}$"),
        (2, "[[", rf"\[\[(?:{_NAMESPACES}):[^\[\]\n]{{1,200}}"),
        (2, "<ref", r"<ref(?: [^<>\n]{1,80})?>"),
        (2, "'''", r"^'''(?!')[^'\n]{1,200}'''(?!')"),
        (1, "'''", r"'''(?<!^''')(?<!'''')(?![\s'])[^'\n]{1,200}'''(?!')"),
        (1, "[[", r"\[\[(?!\d{1,3}\]\])[^\[\]\n]{1,200}\]\]"),
        (1, "{{", r"\{\{(?<!^\{\{)[A-Za-z][^{}\n]{1,200}\}\}"),
    ),
    "HTML": _signs(
        (1, "<", rf"</?(?:(?i:{_TAGS}))(?:\s[^<>\n]{{0,300}})?/?>"),
        (1, "&", r"&(?:nbsp|[nm]dash|hellip|amp|lt|gt|quot|[lr][sd]quo|#x?[0-9A-Fa-f]{2,6});"),
    ),
    "Markdown": _signs(
        (2, "](", r"!?(?<!\[)\[[^\[\]\n]{1,200}\]\((?:https?:|mailto:|[./#\w-]{1,200}\.\w)[^()\n]{0,300}\)"),
        (2, "**", r"^\*\*(?![\s*])[^*\n]{1,200}(?<!\s)\*\*(?![\w*])"),
        (2, "\n##", r"^#{2,6} \S.{0,80}"),
        (1, "**", r"\*\*(?<!^\*\*)(?<![\w*]\*\*)(?![\s*])[^*\n]{1,200}(?<!\s)\*\*(?![\w*])"),
        (1, "\n>", r"^> ?\S.{0,80}"),
        (1, "`", r"`(?<![\w`]`)(?![\s`])[^`'\n]{1,100}`(?![\w`])"),
        (1, "]: ", r"^\[[^\[\]\n]{1,80}\]: +(?:https?:|\S+/)"),
    ),
    "LaTeX": _signs(
        (2, "$", r"\$(?<![\\\w$]\$)(?![\s$])[^$\n\\^_]{0,200}[\\^_][^$\n]{0,200}\$"),
        (2, "\\", r"\\[(\[](?:(?!\\[(\[])[^\n]){1,200}?\\[)\]]"),
        (2, "\\", r"\\(?:begin|end|frac|sqrt|textbf|textit|emph|(?:sub)?section|cite|ref)\{"),
    ),
    "DokuWiki": _signs(
        (2, "{{", r"\{\{ ?:?[\w:.-]{1,200}\.(?:png|jpe?g|gif|svg)\b[^{}\n]{0,100}\}\}"),
        (2, "\n^", r"^\^ [^\n^]{1,200} \^"),
        (1, "//", r"//(?<![:\w/]//)(?![\s/])[^/\n]{1,200}(?<!\s)//(?![\w/])"),
        (1, "\\\\", r"\\\\(?<!\\\\\\)(?=\s)"),
    ),
    "reStructuredText": _signs(
        (2, "\n..", r"^\.\. (?:[\w-]{1,40}::|_[^\n:]{1,80}:|\[[#*\w]{1,20}\] )"),
        (2, ">`_", r"`[^`<>\n]{0,200}<[^<>`\s]{1,300}>`_"),
        (2, ":`", r":[a-z]{2,20}:`[^`\n]{1,200}`"),
    ),
    "AsciiDoc": _signs(
        (2, "\n|=", r"^\|={3,}$"),
        (2, "\n[", r"^\[(?:NOTE|TIP|WARNING|CAUTION|IMPORTANT|source|quote|verse|cols=|options=)[^\[\]\n]{0,100}\]$"),
        (1, "://", r"://(?<=[ps]://)[^\s\[\]]{1,300}\[[^\[\]\n]{1,200}\]"),
        (1, "\n:", r"^:[a-z][\w-]{0,40}:(?: \S.{0,100})?$"),
    ),
    "Org": _signs(
        (2, "\n#+", r"^#\+(?:[A-Za-z]{2,20}_)?[A-Za-z]{2,20}(?::|$| )"),
        (2, "][", r"\[\[[^\[\]\n]{1,300}\]\[[^\[\]\n]{1,200}\]\]"),
    ),
    "BBCode": _signs(
        (1, "[/", r"\[/(?i:b|i|u|s|url|img|list|quote|code|size|color|center|h[1-6])\]"),
        (1, "[", r"\[(?i:url|size|color|quote)=[^\[\]\n]{1,200}\]"),
    ),
    "RTF": _signs((2, "\\rtf", r"^\{\\rtf\d.{0,80}")),
    "a page copied from a browser": _signs((1, "[edit", r"\[edit(?: source)?\]$")),
    "a list of definitions": _signs(
        (2, "\n;", r"^; ?\w[^:\n]{0,80} : "), (1, "\n;", r"^; ?\w.{0,80}"), (1, "\n:", r"^:[ \t]+\S.{0,80}")
    ),
}

#: What happens to each kind.
_REMEDIES = {
    "wikitext": "its markup is shown as it is written; --markup passthrough (markup = passthrough) passes it on",
    "HTML": "its tags are kept as text: take them out, or pass them on with --markup passthrough",
    "Markdown": "its marks are kept as text: -f markdown reads quotes, code, images, links, bold and italics",
    "LaTeX": "its commands are kept as text: write formulas in <math>, and pass that on with --markup passthrough",
    "DokuWiki": "its marks are kept as text: links, images, tables and italics are not read",
    "reStructuredText": "its marks are kept as text: links, roles, directives and fields are not read",
    "AsciiDoc": "its marks are kept as text: links, tables, blocks and attributes are not read",
    "Org": "its marks are kept as text: links, tables, blocks and keywords are not read",
    "BBCode": "its tags are kept as text: take them out",
    "RTF": "its commands are kept as text: save it as plain text",
    "a page copied from a browser": (
        "its headings are lines of text: write '== Section ==', or have the wiki's own text"
    ),
    "a list of definitions": "its marks are kept as text: '- term: definition' makes a list",
    "a table": "its rows are lines, and no table on a wiki: write '| a | b |' above and below '|---|---|'",
    "an underlined heading": "it is text: write '== Section =='",
    "code": "its lines are text without their indentation: put it between lines of ``` to keep the lines apart",
}
_ROWS: dict[RowKind, str] = {"table": "a table", "code": "code", "underlined": "an underlined heading"}
# What a wiki reads itself, if it is passed on.
_OF_WIKIS = frozenset({"wikitext", "HTML", "a list of definitions"})


_TABLE_HEAD = expression(r'"?[\w ]{1,30}"?(?:([,;\t])"?[\w ]{1,30}"?)(?:\1"?[\w ]{1,30}"?){0,40}')
_TITLES = frozenset({"title", "titel", "titre", "título", "titulo", "titolo", "name", "page_title"})


def tell_table(lines: Sequence[str], at: int, line: int, report: Report) -> None:
    """Report a text that begins as a table of pages in CSV does: with the names of columns, of which one is a title."""
    head = _TABLE_HEAD.fullmatch(lines[at].strip()) if at + 1 < len(lines) else None
    if head and head[1] in lines[at + 1] and _TITLES.intersection(head[0].lower().replace('"', "").split(head[1])):
        message = f"{shown(head[0])} looks like the head of a table: name the file .csv or .tsv, and each row is a page"
        report(Diagnostic("looks-like", line, 1, message))


def may_look(text: str, signs: bytes) -> bool:
    """Return whether it is worth while to ask what a text looks like that has such signs of markup."""
    return any(_has_pair(text, sign, _SECONDS.get(sign, "")) for sign in set(signs.decode())) if signs else False


def _has_pair(text: str, sign: str, seconds: str) -> bool:
    if not seconds:
        return sign in text
    at = 0
    while True:
        at = text.find(sign, at) + 1
        if not at:
            return False
        if at < len(text) and text[at] in seconds:
            return True


def check_looks(
    article: Article,
    lines: Sequence[str],
    line: int,
    rows: Mapping[RowKind, int],
    markup: Markup,
    report: Report,
    kinds: Collection[str] = _KINDS,
) -> None:
    """Report which of some kinds an article looks like, if any; ``line`` is the number of the first of its lines."""
    looks = _looks(article, markup, kinds)
    places = [next((at for at, text in enumerate(lines, line) if look.example in text), line) for look in looks]
    for kind, name in _ROWS.items():
        if kind in rows:
            places.append(rows[kind])
            looks.append(Look(name, lines[rows[kind] - line].strip()))
    if looks:
        also = f" (there are signs of {', '.join(look.kind for look in looks[1:])}, too)" if len(looks) > 1 else ""
        report(Diagnostic("looks-like", places[0], 1, look_message(looks[0].kind, looks[0].example, also)))


def look_message(kind: str, example: str, also: str = "") -> str:
    """Say what an example looks like, and what happens to it."""
    return f"{shown(example)} looks like {kind}{also}: {_REMEDIES[kind]}"


def _looks(article: Article, markup: Markup, kinds: Collection[str]) -> list[Look]:
    """Find what an article looks like, what it has most signs of first; what a wiki is to read is what it should be."""
    text = "\n".join(("", *_first(_texts(article))))
    looks: list[tuple[int, Look]] = []
    for kind, signs in _KINDS.items():
        if kind not in kinds or (markup == "passthrough" and kind in _OF_WIKIS):
            continue
        # One sign is found in a twentieth of the time that two take.
        present = ((weight, sign) for weight, part, sign in signs if part[-1] in text and part in text)
        signs_found = [(weight, match) for weight, sign in present for match in islice(sign.finditer(text), 9)]
        score = sum(weight for weight, _ in signs_found)
        if score >= _ENOUGH:
            looks.append((score, Look(kind, signs_found[0][1][0])))
    return [look for _, look in sorted(looks, key=lambda scored: -scored[0])]


def _first(texts: Iterable[str]) -> Iterator[str]:
    left = _MOST_CHARACTERS
    for text in texts:
        yield text[:left]
        left -= len(text)
        if left <= 0:
            return


def _texts(article: Article) -> Iterator[str]:
    """Yield what an article shows as text."""
    for infobox in article.infoboxes:
        for field in infobox.fields:
            yield from field.values
    yield from _shown(article.lead)
    for section in article.sections:
        yield from _texts_below(section)


def _texts_below(section: Section) -> Iterator[str]:
    yield section.heading
    yield from _shown(section.blocks)
    for below in section.sections:
        yield from _texts_below(below)


def _shown(blocks: Iterable[Block]) -> Iterator[str]:
    for block in blocks:
        if isinstance(block, Paragraph):
            yield shown_text(inline for inline in block.content if not isinstance(inline, Code))
        elif isinstance(block, List):
            for item in block.items:
                yield shown_text(item.content)
                yield from _shown(item.blocks)
        elif isinstance(block, Table):
            for row in (block.header, *block.rows):
                yield from [shown_text(cell.content) for cell in row]
