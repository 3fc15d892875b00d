"""What looks like an infobox on top of an article, and was read as text: lines of facts without a head, and heads
without fields below them.

Only the beginning of an article is looked at, and nothing here changes what was read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice

from convert.ast import Article, Paragraph, Section, shown_text
from convert.diagnostics import Diagnostic, Report, shown
from convert.expressions import expression
from convert.readers.infoboxes.fields import IN_A_ROW, FieldLine, field_of, is_canonical_field, is_key
from convert.readers.infoboxes.heads import Head, head_of, is_heading, may_open
from convert.readers.infoboxes.tables import row_field, table_at

_FEWEST = 3
#: So many lines are looked at, but for blank ones; so many other lines may stand above the facts.
_WINDOW, _ABOVE = 40, 2
_MAX_KEY_WORDS, _MAX_VALUE = 4, 120
_SHORT_VALUE_WORDS = 12
#: So many blocks or sections can hold a head that was not read.
_PLACES = 6
_BELOW = 12
_LONGEST_ROW = 400
# An object of JSON or the like behind the word.
_OBJECT = expression(r"info[ _-]?box\s*[:=]?\s*[{\[(][\"'{]?\w[^:=]{0,60}[:=]", re.IGNORECASE)
_NEARLY = expression(r"\W*([A-Za-z]{2,6}[ _-]?bo?x)(?![^\W_])")
_ALIKE = 0.85
# What people write above facts; the first is a template's name.
_LABEL = expression(
    r"[\W_]*(?:((?:automatic )?(?:taxo|species|subspecies|chem|drug|geo|hybrid|virus)box)"
    r"|(?:(?:quick|key|basic|fast|vital|essential|main) )?(?:facts?|info|information|details|data|stats|profile)"
    r"|(?:fact|data) ?(?:box|file|sheet)|at a glance|steckbrief|eckdaten|fiche(?: technique)?|ficha(?: técnica)?"
    r"|基本信息|基本資料|基本情報)[\W_]*",
    re.IGNORECASE,
)
_ENDS = ".!?;,。！？；，…"
_INDENTED = (" ", "\t")


def tell_unread(article: Article, lines: Sequence[str], start: int, end: int, base: int, report: Report) -> None:
    """Report what looks like an infobox in an article whose text, below its title, is ``lines[start:end]``."""
    where = _Place(lines, end, base, report)
    for section in article.sections[:_PLACES]:
        if may_open(section.heading):
            where.check_section(section)
    for block in article.lead[:_PLACES]:
        if isinstance(block, Paragraph):
            text = shown_text(block.content[:1])
            if may_open(text):
                where.check_head(text, block.line)
    if may_open(article.title):
        where.check_title(article)
    if not article.infoboxes and article.lead and not where.has_told:
        where.check_facts(start, has_lead=any(isinstance(block, Paragraph) for block in article.lead))


class _Place:
    """The lines of an article."""

    def __init__(self, lines: Sequence[str], end: int, base: int, report: Report) -> None:
        self.lines, self.end, self.base, self.report = lines, min(end, len(lines)), base, report
        self.has_told = False

    def tell(self, line: int, message: str) -> None:
        """Report what was read as text."""
        self.has_told = True
        self.report(Diagnostic("infobox-unread", line, 1, message))

    def texts(self, at: int, count: int) -> Iterator[tuple[int, str]]:
        """Yield the next lines that are not blank, and their indices."""
        stripped = ((place, self.lines[place].strip()) for place in range(at, min(self.end, at + 2 * count)))
        return islice(((place, text) for place, text in stripped if text), count)

    # ── Heads without fields

    def check_head(self, text: str, line: int) -> None:
        """Report a paragraph that is a head, or begins with one."""
        at = line - self.base
        if not 0 <= at < self.end or not text.startswith(stripped := self.lines[at].strip()):
            return
        head = head_of(stripped) or head_of(stripped.rstrip("{[( ") or stripped)
        if head and (head.is_word or stripped == text or self._fields_below(at, 2)):
            # The word alone above other lines is no running text.
            below = self.lines[at + 1].strip() if at + 1 < self.end else ""
            is_alone = head.is_word and stripped != text and below != "" and not below[0].islower()
            # So is a template's name right above items, whatever these say.
            is_alone |= stripped == text == "Infobox" or (stripped == text and head.is_canonical and below[:2] == "- ")
            self._tell_head(stripped, head, at, needed=2 if head.is_doubtful else 0 if is_alone else 1)
        elif _OBJECT.match(stripped) or (
            stripped[:7] == "Infobox" and len(IN_A_ROW.findall(stripped[7:_LONGEST_ROW])) >= _FEWEST
        ):
            self.tell(line, f"{shown(stripped)} is read as text: write 'Infobox' and '- Key: value' lines below it")

    def check_section(self, section: Section) -> None:
        """Report a heading that is a head above fields."""
        head = head_of(section.heading)
        if head and section.line:
            self._tell_head(section.heading, head, section.line - self.base, needed=1 if head.is_word else 2)

    def check_title(self, article: Article) -> None:
        """Report an article whose title is a head, as of ``= Infobox =``."""
        head = head_of(article.title)
        if head and head.is_word and not article.infoboxes and article.line:
            self._tell_head(article.title, head, article.line - self.base, needed=2)

    def _tell_head(self, text: str, head: Head, at: int, needed: int) -> None:
        count = self._fields_below(at, _BELOW)
        name = head.template or "Infobox"
        if count >= needed:
            message = f"{shown(text)} is read as text: write a line {shown(name)} directly above '- Key: value' lines"
            self.tell(at + self.base, message)

    def _fields_below(self, at: int, count: int) -> int:
        """Count the fields in the next lines below a head, up to a heading."""
        found = 0
        for _, text in self.texts(at + 1, count):
            if is_heading(text):
                break
            found += is_canonical_field(text) or _fact(text) is not None
        return found

    # ── Facts without a head

    def check_facts(self, start: int, has_lead: bool) -> None:
        """Report lines of facts on top of the article."""
        others, above = 0, ""
        texts = self.texts(start, _WINDOW)
        for at, text in texts:
            if text[0] == "|" and not others and self._tell_table(at):
                return
            fact = _fact(text)
            if fact is None or is_heading(text):
                others, above = others + 1, text
                if others > _ABOVE or is_heading(text):
                    return
                continue
            facts = [fact, *self._facts(texts, fact.bullet)]
            label = _LABEL.fullmatch(above)
            is_headed = label is not None or _is_misspelt(above)
            is_list = bool(facts[0].bullet) and (others > 1 or (others == 1 and not is_headed) or not has_lead)
            if _are_facts(facts, _FEWEST - is_headed) and not is_list:
                what = f"{len(facts)} 'Key: value' lines are read as text"
                name = f"Infobox: {label[1]}" if label and label[1] else "Infobox"
                self.tell(at + self.base, f"{what}: write a line '{name}' above them if they are an infobox")
            return

    def _facts(self, texts: Iterator[tuple[int, str]], bullet: str) -> Iterator[FieldLine]:
        """Yield the facts that follow the first one."""
        for at, text in texts:
            if self.lines[at].startswith(_INDENTED):
                continue
            fact = _fact(text)
            if fact is None or fact.bullet != bullet:
                return
            yield fact

    def _tell_table(self, at: int) -> bool:
        table = table_at(self.lines, at)
        if table is None:
            return False
        rows = 0
        for _, text in self.texts(table.start, _WINDOW):
            if row_field(text, 0) is None:
                break
            rows += 1
        message = f"a table of {rows} rows is read as part of the text: write 'Infobox' above it if it is an infobox"
        self.tell(at + self.base, message)
        return True


def _is_misspelt(text: str) -> bool:
    """Return whether a line begins with a word that is all but ``Infobox``."""
    matched = _NEARLY.match(text)
    if not matched:
        return False
    from difflib import SequenceMatcher  # few lines begin so

    return SequenceMatcher(None, matched[1].lower(), "infobox").ratio() > _ALIKE


def _fact(text: str) -> FieldLine | None:
    """Read a line as a fact: a short key and a short value that is no sentence."""
    if len(text) > _MAX_VALUE:
        return None
    line = field_of(text)
    if line is None or not is_key(line.key) or len(line.key.split()) > _MAX_KEY_WORDS:
        return None
    if not line.value and not line.bullet:
        return None
    return None if line.value[-1:] in _ENDS and line.value and not line.value[-2:-1].isupper() else line


def _are_facts(facts: Sequence[FieldLine], fewest: int) -> bool:
    """Return whether fields are facts: enough of them, with different keys, most of few words, and few links."""
    if len(facts) < fewest or len({fact.key.casefold() for fact in facts}) < len(facts):
        return False
    few = sum(len(fact.value.split()) <= _SHORT_VALUE_WORDS for fact in facts)
    links = sum("//" in fact.value for fact in facts)
    bare = sum(fact.key[:1].islower() and fact.separator == ":" and not fact.bullet for fact in facts)
    return few * 4 >= len(facts) * 3 and links * 2 <= len(facts) and bare * 2 <= len(facts)
