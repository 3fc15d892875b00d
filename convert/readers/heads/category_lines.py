"""Categories in other forms than a block, at the two ends of an article, where they can hardly be anything else.

    Categories: Islands, Whisky         Category: Islands           [[Category:Islands]]
    Tags: islands, whisky               == Categories ==            **CATEGORIES**, ## Categories
    Tags: #islands #whisky              - Islands                   - Islands
    [Category: Islands]                 Categories:
                                        Islands

An info names the form.
"""

from __future__ import annotations

import re

from convert.ast import Block, LineBreak, List, ListItem, Paragraph, Section, Text
from convert.diagnostics import Diagnostic, Report, shown
from convert.expressions import expression
from convert.readers.categories import add_category
from convert.readers.headings import without_marks
from convert.readers.layout.paragraphs import ParagraphStyle, with_breaks
from convert.readers.layout.rows import RowKind

_KEPT_BREAK: RowKind = "lines"

#: A section under construction: its level, heading and line, and what stands under it.
OpenSection = tuple[int, str, int, list[Block], list[Section]]

_ONE = (
    "category|kategorie|catégorie|categoría|categoria|categorie|kategoria|kategori|kategória|категория|категорія|"
    "分类|分類|カテゴリ|분류|تصنيف|קטגוריה|श्रेणी|thể loại"
)
_MANY = (
    "categories|kategorien|catégories|categorías|categorias|categorieën|kategorie|kategorier|kategóriák|категории|"
    "категорії|カテゴリー|تصنيفات|קטגוריות"
)
_WORD = expression(rf"(?:{_MANY}|{_ONE})\s*[:：]?", re.IGNORECASE)
_SINGLE = expression(rf"(?:{_ONE})\s*[:：]\s*(\S.*)", re.IGNORECASE)
_SEVERAL = expression(rf"(?:{_MANY})\s*[:：]\s*(\S.*)", re.IGNORECASE)
_TAGS = expression(r"(?:tags|keywords|labels)\s*[:：]\s*(\S.*)", re.IGNORECASE)
_LINK = expression(rf"\[\[\s*(?:{_ONE})\s*:\s*([^\[\]|]*[^\[\]|\s])\s*\]\]\s*", re.IGNORECASE)
_LINKS = expression(rf"(?:{_LINK.pattern})+", re.IGNORECASE)
_BRACKETED = expression(rf"\[\s*(?:{_ONE})\s*:\s*([^\[\]|]*[^\[\]|\s])\s*\]\s*", re.IGNORECASE)
_ALL_BRACKETED = expression(rf"(?:{_BRACKETED.pattern})+", re.IGNORECASE)
_HASHED = expression(r"(?:#[^\s#,;]+(?:[\s,;]+|\Z))+")
# What these begin with, and marks round them.
_FIRSTS = frozenset(
    sign for word in f"{_ONE}|{_MANY}|tags|keywords|labels".split("|") for sign in word[0] + word[0].upper()
)
_FIRSTS |= frozenset("[*_'`")
_COMMAS = expression(r"\s*[,;，；、|·•]\s*")
_NO_NAME = expression(r"[\[\]{}|<>#]")
_SENTENCE_ENDS = tuple(".!?…。！？:;")

#: A name of more characters is a sentence.
_LONGEST_NAME = 100
_LONGEST_LINE = 1_000
_LONGEST_HEAD = 40
_MOST_WORDS = 12
_MOST_WORDS_OF_A_TAG = 4
_MOST_WORDS_OF_ONE = 3


def heads_categories(text: str) -> bool:
    """Return whether a heading, or a line by itself, says that categories follow."""
    if len(text) > _LONGEST_HEAD:
        return False
    if text[:2] == "##":
        text = text.strip("#").strip()
    return text[:1] in _FIRSTS and _WORD.fullmatch(without_marks(text)) is not None


def names_in(line: str) -> list[str]:
    """Read a line of categories, in any form but bullets; nothing if it is none."""
    if line[:1] not in _FIRSTS or len(line) > _LONGEST_LINE or not (":" in line or "：" in line):
        return []
    bare = without_marks(line).replace("**", "")
    matched = _SINGLE.fullmatch(bare)
    if matched:
        return [matched[1]] if _is_name(matched[1]) else []
    if line[0] == "[":
        links = _LINK if _LINKS.fullmatch(line) else _BRACKETED if _ALL_BRACKETED.fullmatch(line) else None
        return links.findall(line) if links else []
    matched = _SEVERAL.fullmatch(bare)
    if matched:
        names = _hashed(matched[1]) or _parts(matched[1])
        is_short = len(names) > 1 or (names and len(names[0].split()) <= _MOST_WORDS_OF_ONE)
        return names if is_short and all(map(_is_name, names)) else []
    matched = _TAGS.fullmatch(bare)
    if matched:
        hashed = _hashed(matched[1])
        names = hashed or _parts(matched[1])
        return names if (hashed or len(names) > 1) and all(map(_is_tag, names)) else []
    return []


def _hashed(text: str) -> list[str]:
    """Read ``#a #b``; nothing if it is none."""
    return re.findall(r"[^\s#,;]+", text) if _HASHED.fullmatch(text) else []


def _parts(text: str) -> list[str]:
    return [part for part in _COMMAS.split(text) if part]


def _is_name(text: str) -> bool:
    if len(text) > _LONGEST_NAME or text.endswith(_SENTENCE_ENDS) or len(text.split()) > _MOST_WORDS:
        return False
    return not _NO_NAME.search(text)


def _is_tag(text: str) -> bool:
    return _is_name(text) and len(text.split()) <= _MOST_WORDS_OF_A_TAG


def names_of_list(block: Block) -> list[tuple[str, int]]:
    """Return the items of a flat list with their lines; nothing if one of them can be no category."""
    if not isinstance(block, List) or block.kind != "bulleted" or any(item.blocks for item in block.items):
        return []
    names = [(_unlinked(_text(item)), item.line) for item in block.items]
    return names if all(_is_name(name) for name, _ in names) else []


def _text(item: ListItem) -> str:
    return "".join(inline.text for inline in item.content if isinstance(inline, Text))


def _unlinked(name: str) -> str:
    linked = _LINK.fullmatch(name)
    return linked[1] if linked else name


def lines_at_end(block: Block) -> int:
    """Return how many lines of categories a block ends in."""
    if not names_in(_last_line(block)):
        return len(_lines(block)) if _is_bare_list(block) else 0
    lines = _lines(block)
    return next((count for count, line in enumerate(reversed(lines)) if not names_in(line)), len(lines))


def _is_bare_list(block: Block) -> bool:
    """Return whether a paragraph is ``Categories:`` above lines that are nothing but names."""
    first = block.content[0] if isinstance(block, Paragraph) and block.content else None
    if not isinstance(first, Text) or first.text[:1] not in _FIRSTS:
        return False
    if (
        isinstance(block, Paragraph) and len(block.content) == 1 and first.text.find("\n", 0, _LONGEST_HEAD + 2) < 0
    ):  # as in most articles
        return False
    head, *names = _lines(block)
    if not names or not head.rstrip("*_").endswith((":", "：")) or not heads_categories(head):
        return False
    return all(map(_is_tag, names))


def lines_at_start(block: Block) -> int:
    """Return how many lines of categories a block begins with."""
    first = block.content[0] if isinstance(block, Paragraph) and block.content else None
    if not isinstance(first, Text) or not names_in(first.text.partition("\n")[0]):
        return 0
    lines = _lines(block)
    return next((count for count, line in enumerate(lines) if not names_in(line)), len(lines))


def _last_line(block: Block) -> str:
    last = block.content[-1] if isinstance(block, Paragraph) and block.content else None
    return last.text[last.text.rfind("\n") + 1 :] if isinstance(last, Text) else ""


def _lines(block: Block) -> list[str]:
    return [text for text, _ in _broken(block)]


def _broken(block: Block) -> list[tuple[str, bool]]:
    """Part a paragraph into lines; each with whether the break behind it is one to be kept."""
    lines: list[tuple[str, bool]] = []
    for inline in block.content if isinstance(block, Paragraph) else ():
        if isinstance(inline, LineBreak):
            lines[-1:] = [(lines[-1][0], True)] if lines else [("", True)]
        elif isinstance(inline, Text):
            lines += [(text, False) for text in inline.text.split("\n")]
    return lines


def take_categories(path: list[OpenSection], style: ParagraphStyle, names: dict[str, None], report: Report) -> None:
    """Move categories from the two ends of an article, which is still open, to ``names``."""
    if _has_none(path):
        return
    taken = _Taken(path, style)
    while taken.from_end():
        pass
    taken.from_start()
    taken.from_lead()
    read = taken.at_start + taken.at_end
    for name, line in read:
        add_category(name, line, names, report)
    if read:
        count = f"{len(read)} categories" if len(read) > 1 else "a category"
        message = f"{count} read from {shown(taken.form)}: write a line 'Categories', and '- Name' lines below it"
        report(Diagnostic("categories-form", taken.line, 1, message))


def _has_none(path: list[OpenSection]) -> bool:
    """Return whether neither end looks like categories: so it is with most articles, and this is quick."""
    lead, last = path[0][3], path[-1][3]
    if last and isinstance(last[-1], List):
        above = _last_line(last[-2]) if len(last) > 1 else path[-1][1]
        if len(above) <= _LONGEST_HEAD and heads_categories(above):
            return False
    elif (last and lines_at_end(last[-1])) or heads_categories(path[-1][1]):
        return False
    return not lead or (lines_at_start(lead[0]) == 0 and not _ends_lead(lead))


def _ends_lead(lead: list[Block]) -> bool:
    """Return whether the last paragraph of a lead is nothing but categories, which are no tags."""
    lines = _lines(lead[-1]) if len(lead) > 1 and names_in(_last_line(lead[-1])) else []
    return bool(lines) and all(names_in(line) and not _TAGS.fullmatch(line) for line in lines)


class _Taken:
    """What was taken of an article: ``form`` is the first line of it, which is number ``line``."""

    def __init__(self, path: list[OpenSection], style: ParagraphStyle) -> None:
        self.path, self.style = path, style
        self.at_start: list[tuple[str, int]] = []
        self.at_end: list[tuple[str, int]] = []
        self.form, self.line = "", 0

    def _take(self, names: list[tuple[str, int]], form: str, line: int) -> None:
        self.at_end = names + self.at_end
        self.form, self.line = form, line

    def from_end(self) -> bool:
        """Take the categories that the article ends in; return whether more may stand above them."""
        self._reopen()
        _, heading, line, blocks, _ = self.path[-1]
        is_headed = len(self.path) > 1 and heads_categories(heading)
        if not blocks:
            return is_headed and self.form != "" and self._close_headed(heading, line)
        last = blocks[-1]
        if isinstance(last, List):
            if is_headed and len(blocks) == 1 and (names := names_of_list(last)):
                self._take(names, heading, line)
                return self._close_headed(heading, line)
            if len(blocks) > 1 and _is_head(blocks[-2]) and (names := names_of_list(last)):
                lines = _lines(blocks[-2])
                self._take(names, lines[-1], blocks[-2].line + len(lines) - 1)
                del blocks[-1]
                self._shorten(blocks, -1, 1, at_end=True)
                return True
            return False
        if is_headed and len(blocks) == 1 and (names := _names_below(last)):
            self._take(names, heading, line)
            self._shorten(blocks, -1, len(_lines(last)), at_end=True)
            return self._close_headed(heading, line)
        count = lines_at_end(last)
        if count:
            self._take_lines(blocks, -1, count, at_end=True)
        return bool(count)

    def from_start(self) -> None:
        """Take the categories that the article begins with."""
        blocks = self.path[0][3]
        while blocks and (count := lines_at_start(blocks[0])):
            self._take_lines(blocks, 0, count, at_end=False)

    def from_lead(self) -> None:
        """Take the categories that the lead ends in, above sections."""
        blocks = self.path[0][3]
        if (len(self.path) > 1 or self.path[0][4]) and _ends_lead(blocks):
            self._take_lines(blocks, -1, len(_lines(blocks[-1])), at_end=True)

    def _take_lines(self, blocks: list[Block], index: int, count: int, at_end: bool) -> None:
        lines = _lines(blocks[index])
        start = len(lines) - count if at_end else 0
        first = blocks[index].line + start
        taken = lines[start : start + count]
        is_bare = at_end and not names_in(taken[-1]) and _is_bare_list(blocks[index])
        parted = [[line] for line in taken[1:]] if is_bare else list(map(names_in, taken))
        names = [(name, first + is_bare + at) for at, parts in enumerate(parted) for name in parts]
        if at_end:
            self._take(names, taken[0], first)
        else:
            self.at_start += names
            self.form, self.line = (self.form, self.line) if len(self.at_start) > len(names) else (taken[0], first)
        self._shorten(blocks, index, count, at_end)

    def _shorten(self, blocks: list[Block], index: int, count: int, at_end: bool) -> None:
        """Take lines from a paragraph, and from what was learned of it."""
        lines, line = _broken(blocks[index]), blocks[index].line
        kept = lines[: len(lines) - count] if at_end else lines[count:]
        first = 0 if at_end else count
        content = with_breaks([text for text, _ in kept], [_KEPT_BREAK if is_kept else None for _, is_kept in kept])
        blocks[index : index + 1 or None] = [Paragraph(content, line + first)] if kept else []
        gone = lines[len(kept) - 1 if kept else 0 : -1] if at_end else lines[: min(count, len(lines) - 1)]
        self.style.forget(line, sum(not is_kept for _, is_kept in gone), at_end)

    def _close_headed(self, heading: str, line: int) -> bool:
        """Remove the section that headed categories, which is empty now."""
        self.form, self.line = heading, line
        self.path.pop()
        return True

    def _reopen(self) -> None:
        """Open the last section of all that is below the open one."""
        while self.path[-1][4]:
            last = self.path[-1][4].pop()
            self.path.append((last.level, last.heading, last.line, list(last.blocks), list(last.sections)))


def _is_head(block: Block) -> bool:
    return heads_categories(_last_line(block))


def _names_below(block: Block) -> list[tuple[str, int]]:
    """Read the lines below a heading ``Categories``, each a name, or names between commas."""
    lines = _lines(block)
    parted = [names_in(line) or (_parts(line) if len(lines) == 1 else [line]) for line in lines]
    names = [(name, block.line + at) for at, parts in enumerate(parted) for name in parts]
    return names if all(_is_name(name) for name, _ in names) else []
