"""Plain articles, version 2, to the tree.  The format is documented by example in ``fixtures/spec``.

Reading is total: any string gives articles and diagnostics.  Nothing in a text is markup but titles, headings, infobox
and categories blocks, list lines, tables with a rule, fenced code, a backslash at the end of a line, and blank lines;
all else is the author's characters.  White space at the ends of lines is not kept but in code, and neither are the
places of line breaks within values and list items.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import structs

from convert.ast import Article
from convert.diagnostics import Diagnostic, Report, shown
from convert.readers.article import ArticleReader
from convert.readers.characters import VEILS, bare, bare_lines, has_breaks, parted_lines
from convert.readers.clean import MARKUP_SIGNS, clean, signs_in_text
from convert.readers.detokenize import detokenized
from convert.readers.heads.heading_forms import Rewritten, in_the_form
from convert.readers.heads.section_words import is_section, looks_like_section
from convert.readers.layout.fences import Fences
from convert.readers.layout.looks import check_looks, may_look
from convert.readers.layout.notes import with_notes
from convert.readers.layout.paragraphs import Paragraphs as Paragraphs
from convert.readers.numbering import numbered, numbered_report
from convert.readers.plain_options import Articles as Articles
from convert.readers.plain_options import HeadingForms as HeadingForms
from convert.readers.plain_options import PlainReadOptions as PlainReadOptions

#: What a second reading of an article does not tell again.
_OF_THE_TEXT = frozenset({"invisible-character"})


def read(text: str, report: Report, options: PlainReadOptions = PlainReadOptions()) -> Iterator[Article]:
    """Read every article of a text, in order."""
    text = text.removeprefix("\ufeff")
    if "\ufeff" in text:  # files that were joined
        text = text.replace("\n\ufeff", "\n")
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    signs = signs_in_text(text) if options.checked is None else options.checked
    has_controls = signs is None
    if has_controls:
        text = clean(text, report, options.line, breaks=True)
    if options.detokenize:
        text = detokenized(text)
    places: list[tuple[int, int]] = []
    if has_breaks(text, has_controls):
        lines, places = parted_lines(text, report, options.line)
        report = numbered_report(report, places, options.line)
    else:
        lines = text.split("\n")
    for article in _TextReader(lines, options, may_look(text, MARKUP_SIGNS if signs is None else signs), report).read():
        noted = with_notes(article, report) if options.notes else article
        yield numbered(noted, places, options.line) if places else noted


class _TextReader:
    """Reads the articles of a text, each a second time where lines must first be put in the form."""

    def __init__(self, lines: list[str], options: PlainReadOptions, is_odd: bool, report: Report) -> None:
        self.lines, self.options, self.report = lines, options, report
        #: Whether the text has signs of other markup.
        self.is_odd = is_odd
        self.code = Fences(lines)
        self.unveiled = False
        #: Whether a title stood below its infobox.
        self.above = False

    def read(self) -> Iterator[Article]:
        """Yield every article."""
        at = self._beyond_blanks(0)
        if at == len(self.lines):
            message = "there is no article: the text is empty"
            self.report(Diagnostic("empty", self.options.line, 1, message))
        title, is_first = self.options.title, not self.options.continues
        while at < len(self.lines):
            reader = self._read_article(at, title)
            assert reader.article
            if not is_first and self.options.articles == "auto" and looks_like_section(reader.article):
                self._warn_of_section(reader.article)
            yield reader.article
            at, title, is_first = reader.at, "", False

    def _beyond_blanks(self, at: int) -> int:
        lines = self.lines
        while at < len(lines):
            stripped = lines[at].strip()
            if stripped and stripped[0] in VEILS and not bare(stripped).strip():
                at += 1
            elif stripped and stripped[0] in VEILS and not self.unveiled:
                self._unveil(at, self.report)
            elif stripped:
                break
            else:
                at += 1
        return at

    def _read_article(self, at: int, title: str) -> ArticleReader:
        diagnostics: list[Diagnostic] = []
        reader = self._reader(at, diagnostics.append)
        reader.read(title, self.unveiled)
        if reader.article is None:
            diagnostics.clear()
            self._unveil(at, diagnostics.append)
            reader = self._reader(at, diagnostics.append)
            reader.read(title, True)
        self.above |= reader.title_at >= 0
        if not reader.is_headed and self.options.headings == "auto":
            reader = self._read_other_form(at, title, reader, diagnostics)
        rows = reader.style.rows
        if reader.article and (self.is_odd or reader.is_odd or rows):
            start, markup = reader.body + self.options.line, self.options.markup
            check_looks(reader.article, self.lines[reader.body : reader.at], start, rows, markup, diagnostics.append)
        for diagnostic in diagnostics:
            self.report(diagnostic)
        return reader

    def _reader(self, at: int, report: Report) -> ArticleReader:
        reader = ArticleReader(self.lines, at, self.code, self.options, report)
        reader.above = self.above
        return reader

    def _read_other_form(
        self, at: int, title: str, reader: ArticleReader, diagnostics: list[Diagnostic]
    ) -> ArticleReader:
        """Read an article again, if its headings are in another form."""
        rewritten = in_the_form(self.lines[reader.body : reader.at], reader.facts.title, reader.facts.has_stars)
        if rewritten is None:
            return reader
        end = reader.at
        self.lines[reader.body : end] = rewritten.lines
        self.code = Fences(self.lines)
        line = reader.body + rewritten.first + self.options.line
        diagnostics[:] = [diagnostic for diagnostic in diagnostics if diagnostic.code in _OF_THE_TEXT]
        diagnostics.append(Diagnostic("heading-form", line, 1, _form_message(rewritten)))
        others = [text for text in rewritten.tops[1:] if not is_section(text)]
        if others and self.options.articles == "auto":
            message = f"{shown(others[0])} heads a section, but looks like a title: set 'articles'"
            diagnostics.append(Diagnostic("title-or-section", line, 1, message))
        options, lines = self.options, self.lines
        if options.articles != "many":
            options, lines = structs.replace(options, articles="one"), lines[:end]
        reader = ArticleReader(lines, at, Fences(lines), options, diagnostics.append)
        reader.read(title, self.unveiled)
        diagnostics[:] = dict.fromkeys(diagnostics)  # what was said of a heading is said once
        return reader

    def _unveil(self, at: int, report: Report) -> None:
        code = [(start - at, end - at) for start, end in self.code.code(at)]
        self.lines[at:] = bare_lines(self.lines[at:], report, at + self.options.line, code)
        self.unveiled = True

    def _warn_of_section(self, article: Article) -> None:
        title = shown(article.title)
        message = f"{title} begins an article, but looks like a section: write '== … ==', or set 'articles'"
        self.report(Diagnostic("title-or-section", article.line, 1, message))


def _form_message(rewritten: Rewritten) -> str:
    headings = "a heading" if rewritten.count == 1 else f"{rewritten.count} headings"
    message = f"{headings} read in the form of {shown(rewritten.example)}: write '= Title =' and '== Section =='"
    if len(rewritten.tops) > 1:
        message += f"; {len(rewritten.tops)} are of level 1, and sections but for the first: articles = many parts them"
    return message
