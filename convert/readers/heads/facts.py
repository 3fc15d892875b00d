"""Facts above the text of an article, and those that are lines ``Title: X``, ``Author: Y``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from msgspec import Struct, field

from convert.ast import Field, Infobox
from convert.expressions import expression
from convert.page_facts import is_fact
from convert.readers.headings import bare_heading, without_marks

#: Lines of facts above a text; more are a text of their own.
MOST_LINES = 300

TITLE = frozenset(
    "title titel titre título titulo titolo tytuł otsikko cím judul başlık заголовок название назва τίτλος 标题 標題 "
    "题目 タイトル 제목 عنوان כותרת शीर्षक page_title pagetitle article_title".split()
) | {"page title", "article title"}
_CATEGORIES = frozenset(
    "categories category tags tag kategorien kategorie schlagwörter catégories catégorie categorías categoria "
    "etiquetas категории теги 分类 分類 标签 標籤 カテゴリ タグ".split()
)
_INFOBOX = frozenset({"infobox"})
# Keys of an infobox under which its rows stand.
_OF_FIELDS = frozenset({"fields", "data", "rows", "parameters", "params"})

# What says something of the text and not of its subject: nobody misses it on a wiki.
_OF_THE_TEXT = frozenset(
    "author authors autor auteur autore автор 作者 by date datum fecha data дата 日期 created updated modified lastmod "
    "published publishdate year lang language locale source url link permalink slug id uid layout type draft status "
    "version license licence copyright keywords description summary abstract subtitle editor translator publisher "
    "weight aliases toc template output format encoding".split()
)

_LINE = expression(r"(\*\*|__|)([^\W\d_](?:[\w .\-/]{0,30}\w)?)(?:[:：]\1|\1[:：])(?:(?<=：)|(?=\s)|\Z)\s*(.*)")
_COMMAS = expression(r"\s*[,;，；、]\s*")

#: Titles have at most 255 bytes.
_LONGEST_TITLE = 250


class Facts(Struct):
    """What stands above a text, read: ``end`` is the index of the first line after it.

    ``base`` is added to an index to make a line number.  ``has_stars`` says that headings below have stars, as in Org.
    ``hidden`` are the names of metadata that speaks of the
    subject, which no wiki page will show; ``unread`` are the indices of lines that were not understood.
    """

    end: int = 0
    base: int = 0
    form: str = ""
    has_stars: bool = False
    title: str = ""
    categories: list[tuple[str, int]] = field(default_factory=list)
    infobox: Infobox | None = None
    metadata: dict[str, str] = field(default_factory=dict)
    hidden: list[str] = field(default_factory=list)
    unread: list[int] = field(default_factory=list)

    def add(self, key: str, value: Any, index: int, rows_at: Mapping[str, int] = {}) -> None:
        """Put what stands under a key where it belongs: a string, a list of strings, or a mapping of such.

        ``rows_at`` are the indices of the lines of a mapping, by its keys.
        """
        name = key.strip().casefold()
        if name in TITLE and not self.title and isinstance(value, str):
            self.title = bare_heading(value)
        elif name in _CATEGORIES and isinstance(value, str | list):
            names = _COMMAS.split(value) if isinstance(value, str) else value
            self.categories += [(name, index + self.base) for name in names if name]
        elif name in _INFOBOX and self.infobox is None and (rows := _rows(value)):
            self.infobox = self._infobox(rows, index, rows_at)
        else:
            self._add_metadata(key.strip(), name, value)

    def settle(self) -> None:
        """Make the infobox that ``infobox: person`` names of what is said of the subject beside it."""
        named = next((key for key in self.metadata if key.casefold() in _INFOBOX), None)
        keys = [key for key in self.hidden if key != named]
        if named and keys and self.infobox is None and (template := self.metadata.pop(named)):
            fields = tuple(Field(key, (self.metadata.pop(key),), line=self.base + 1) for key in keys)
            self.infobox, self.hidden = Infobox(fields, template, self.base + 1), []

    def _infobox(self, rows: dict[str, Any], index: int, rows_at: Mapping[str, int]) -> Infobox:
        named = rows.get("template")
        template = named if isinstance(named, str) and named else None
        fields = tuple(
            Field(key, _values(value), line=rows_at.get(key, index) + self.base)
            for key, value in rows.items()
            if not (template and key == "template")
        )
        return Infobox(fields, template, index + self.base)

    def _add_metadata(self, key: str, name: str, value: Any) -> None:
        if isinstance(value, dict):
            for key_below, value_below in value.items():
                self._add_metadata(f"{key}.{key_below}", name, value_below)
            return
        text = ", ".join(value) if isinstance(value, list) else value
        self.metadata[key] = f"{self.metadata[key]}, {text}" if key in self.metadata else text
        if name not in _OF_THE_TEXT and text and key not in self.hidden and not is_fact(key):
            self.hidden.append(key)


def _rows(value: Any) -> dict[str, Any] | None:
    """Read a mapping, or a list of ``Key: value``, as the rows of an infobox, which may stand one level below."""
    if isinstance(value, list):
        pairs = [item.partition(":") for item in value]
        return {key.strip(): text.strip() for key, _, text in pairs} if all(colon for _, colon, _ in pairs) else None
    if not isinstance(value, dict):
        return None
    rows: dict[str, Any] = {}
    for key, below in value.items():
        rows |= below if key.casefold() in _OF_FIELDS and isinstance(below, dict) else {key: below}
    return rows


def _values(value: Any) -> tuple[str, ...]:
    if isinstance(value, dict):
        return tuple(f"{key}: {', '.join(below) if isinstance(below, list) else below}" for key, below in value.items())
    return tuple(text for text in (value if isinstance(value, list) else [value]) if text)


#: What stands before the keys of Org.
KEYWORD = "#+"
_PERCENT = expression(r"%\s+(\S.*)")


def read_percent_lines(lines: Sequence[str], at: int, base: int) -> Facts | None:
    """Read the lines ``% Title``, ``% Authors``, ``% Date`` as pandoc has them, if a blank line follows."""
    facts = Facts(at, base, "'% …'")
    for key in ("title", "author", "date"):
        matched = _PERCENT.fullmatch(lines[facts.end].strip()) if facts.end < len(lines) else None
        if not matched:
            break
        facts.add(key, matched[1], facts.end)
        facts.end += 1
    is_whole = facts.end == len(lines) or not lines[facts.end].strip()
    return facts if is_whole and 0 < len(facts.title) <= _LONGEST_TITLE else None


def read_title_lines(lines: Sequence[str], at: int, base: int, opens_block: Callable[[int], bool]) -> Facts | None:
    """Read the lines ``Key: value`` from ``lines[at]`` on, if one of them is ``Title: …``.

    They end at a blank line or where a block begins.  Where running text follows directly, only keys that are known
    are read.
    """
    pairs: list[tuple[str, str, int]] = []
    end = at
    while end < len(lines) and end - at < MOST_LINES and lines[end].strip():
        matched = _LINE.fullmatch(lines[end].strip().removeprefix(KEYWORD))
        if not matched or (pairs and opens_block(end)):
            break
        pairs.append((matched[2], without_marks((matched[3] or "").strip()), end))
        end += 1
    is_whole = end == len(lines) or not lines[end].strip() or opens_block(end)
    if not is_whole:
        known = next((count for count, (key, _, _) in enumerate(pairs) if not _is_known(key)), len(pairs))
        del pairs[known:]
        end = at + known
    titles = [value for key, value, _ in pairs if key.casefold() in TITLE]
    if len(titles) != 1 or not 0 < len(titles[0]) <= _LONGEST_TITLE:
        return None
    sign = KEYWORD if lines[at].startswith(KEYWORD) else ""
    facts = Facts(end, base, f"'{sign}{pairs[0][0]}: …'", has_stars=bool(sign))
    for key, value, line in pairs:
        facts.add(key, value, line)
    return facts


def _is_known(key: str) -> bool:
    name = key.casefold()
    return name in TITLE or name in _CATEGORIES or name in _OF_THE_TEXT
