"""The tree to a MediaWiki page: the infobox as a template call, then lead, sections and categories.

Everything of the author's goes through ``escape``.  A page is what MediaWiki saves: in NFC, without a line feed at its
end, so that an edit and an import give the same text.

Syntax: https://www.mediawiki.org/wiki/Help:Formatting
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Annotated, assert_never

from msgspec import Meta, structs

from convert.ast import (
    Article,
    Block,
    Image,
    Inline,
    LineBreak,
    List,
    Paragraph,
    Preformatted,
    Quote,
    Raw,
    Section,
    Table,
    Text,
)
from convert.diagnostics import Diagnostic, Report, shown
from convert.infobox.match import choice_for
from convert.nfc import to_nfc_lines
from convert.page_facts import short_description, sort_key
from convert.profile import ASSUMED_TAGS, CATEGORY
from convert.titles import BadTitle, Titles, WikiTitle, article_page, display_title, page_of, replaced
from convert.writers import escape
from convert.writers.parts.blocks import preformatted, table_lines, within_line
from convert.writers.parts.notes import Notes
from convert.writers.parts.running import Place, RunningText
from convert.writers.transclusion import InfoboxOptions, Transclusion, remark_calls, transclusion

# U+037E becomes a semicolon when it is normalised.
_LINE_STARTS = escape.LINE_STARTS | frozenset("\u037e")


class WikitextOptions(InfoboxOptions, frozen=True):
    """How pages are written.

    ``markup="passthrough"`` is for authors who wrote wikitext; ``titles="replace"`` changes the characters of a title
    that no wiki accepts instead of rejecting it.  ``prove`` is the share of pages that another parser reads back: one
    that holds anything else than was meant is an error.
    """

    titles: Titles = "reject"
    prove: Annotated[float, Meta(ge=0, le=1)] = 0.0


def write(article: Article, report: Report, options: WikitextOptions = WikitextOptions()) -> str:
    """Write a file that holds one page: the page and a line feed."""
    return page(article, report, options) + "\n"


def item(article: Article, report: Report, options: WikitextOptions = WikitextOptions()) -> str:
    """Write a page as one of many in a text, under a comment with its title."""
    where = article_page(article, report, options.profile, options.titles)
    return f"<!-- page: {where.title} -->\n{page_text(article, where, report, options)}\n" if where else ""


def page(article: Article, report: Report, options: WikitextOptions = WikitextOptions()) -> str:
    """Write an article as a page's text; an error is reported, and nothing written, where its title can be no page."""
    where = article_page(article, report, options.profile, options.titles)
    return page_text(article, where, report, options) if where else ""


def page_text(article: Article, where: WikiTitle, report: Report, options: WikitextOptions = WikitextOptions()) -> str:
    """Write the text of the page that an article becomes, as MediaWiki keeps it."""
    writer = _PageWriter(article, report, options)
    writer.page(article, where)
    text = "\n".join(writer.lines).strip()
    if options.prove:
        writer.prove(text, where.title)
    return text


class _PageWriter:
    """Writes one page, line by line.

    Lines that hold nothing but one text of the author's, behind marks of ours, are held back and guarded at once: each
    by itself, converting articles takes 1.1 to 1.2 times as long.
    """

    def __init__(self, article: Article, report: Report, options: WikitextOptions) -> None:
        self.report = report
        self.options = options
        self.profile = options.profile
        self.literal = options.markup == "literal"
        self.lines: list[str] = []
        self.held: list[str] = []
        #: Those of the held lines that may begin with more than text.
        self.starts: list[int] = []
        self.is_rich = False
        self.article_line = 0
        #: The calls of templates that were meant.
        self.calls: list[str] = []
        self.transclusions: list[Transclusion] = []
        self.article = article
        self.categories: list[str] = []

    @cached_property
    def running(self) -> RunningText:
        """The writer of running text that is more than text; many pages have none."""
        self.is_rich = True
        return RunningText(self.profile, self.literal, self.say, Notes(self.article))

    def say(self, code: str, message: str, line: int = 0) -> None:
        """Report something about a line, or about the article where the line is not known."""
        self.report(Diagnostic(code, line or self.article_line, 1, message))

    def page(self, article: Article, where: WikiTitle) -> None:
        """Write infoboxes, lead, sections and categories."""
        self.article_line = article.line
        if self.options.titles == "replace":
            shown_title = display_title(article.title, where, self.profile)
            self.calls += [f"{{{{DISPLAYTITLE:{shown_title}}}}}"] if shown_title else []
            self.lines += self.calls
        if article.metadata and (description := short_description(article.metadata, self.profile)):
            self.calls.append(description)
            self.lines.append(description)
        if self.literal:
            remark_calls(article, self.report)
        options = self.options
        if options.choice.rules and len(article.infoboxes) > 1:
            options = structs.replace(options, choice=choice_for(article, options.choice))
        for infobox in article.infoboxes:
            call = transclusion(infobox, article, self.report, options)
            self.transclusions.append(call)
            lines = call.lines(options.align)
            self.calls.append("\n".join(lines))
            self.lines += lines
        self.blocks(article.lead)
        for section in article.sections:
            self.section(section)
        self.put()
        if self.is_rich:
            self.notes()
        key = sort_key(article.metadata) if article.metadata else ""
        if key:
            self.calls.append(key)
            self.lines += ("", key)
        if article.categories:
            self.categories += dict.fromkeys(filter(None, map(self.category, article.categories)))
            self.lines += self.categories if key else ("", *self.categories)

    def notes(self) -> None:
        """Write the list of notes; report the extensions that the page needs, if nothing is known of the wiki."""
        if not self.running.notes.is_listed and (notes := [*self.running.note_lines()]):
            self.lines += ("", *notes)
        needed = [tag for tag in ("ref", "syntaxhighlight") if self.running.tags[tag]]
        if needed and self.profile.extension_tags == ASSUMED_TAGS:
            names = " and ".join({"ref": "Cite", "syntaxhighlight": "SyntaxHighlight"}[tag] for tag in needed)
            self.say("extension-assumed", f"the wiki is taken to have the extension {names}: name it with --wiki")

    def prove(self, text: str, title: str) -> None:
        """Report an error where another parser reads a page that is drawn otherwise than it was meant."""
        from convert.writers.parts.proof import disagreement, is_drawn  # seldom asked for

        if not is_drawn(title, self.options.prove):
            return
        typed = self.options.values == "typed" or bool(self.options.typed)
        if why := disagreement(
            text,
            self.calls,
            self.transclusions,
            [*self.running.links, *self.categories],
            self.running.tags,
            typed=typed,
        ):
            self.say("unproved", f"read back, the page is not what was meant: {why}: look at it without --prove")

    def category(self, name: str) -> str | None:
        """Write a category; one whose name no page can have is reported and named in other characters."""
        page = page_of(f"{self.profile.namespaces[CATEGORY]}:{name}", self.profile)
        if isinstance(page, BadTitle):
            self.say("category-invalid", f"no category can be called {shown(name)}: {page.problem}")
            page = page_of(f"{self.profile.namespaces[CATEGORY]}:{replaced(name, self.profile)}", self.profile)
        return f"[[{page.title}]]" if isinstance(page, WikiTitle) else None

    def put(self, *wikitext: str) -> None:
        """Guard the lines that are held back, and add to them lines that are wikitext already."""
        if self.held:
            text = "\n".join(to_nfc_lines(self.held))
            if self.literal:
                text = escape.running_text(text, self.profile)
            if self.starts:
                lines = text.split("\n")
                for at in self.starts:
                    lines[at] = escape.line_start(lines[at])
                text = "\n".join(lines)
            self.lines.append(text)
            self.held.clear()
            self.starts.clear()
        self.lines += wikitext

    def section(self, section: Section) -> None:
        """Write a heading, what stands under it, and the sections below."""
        signs = "=" * section.level
        if "-{" in section.heading or self.profile.language_converter:
            self.put("", f"{signs} {escape.guard(escape.heading, self.profile, self.literal)(section.heading)} {signs}")
        else:
            self.held += ("", f"{signs} {escape.one_line(section.heading)} {signs}")
        self.blocks(section.blocks)
        if self.is_rich and not section.blocks and self.running.notes.stand_in(section):
            self.put(*self.running.note_lines())
            self.running.notes.is_listed = True
        for below in section.sections:
            self.section(below)

    def blocks(self, blocks: Sequence[Block]) -> None:
        """Write paragraphs and lists, parted by blank lines."""
        held = self.held
        first = True
        for block in blocks:
            if not first:
                held.append("")
            first = False
            match block:
                case List():
                    self.list(block, "")
                case Paragraph():
                    content = block.content
                    if len(content) == 1 and isinstance(only := content[0], Text):
                        self.text(only.text)
                    else:
                        self.paragraph(content)
                case Table():
                    self.put(*table_lines(block, self.running))
                case Preformatted():
                    self.put(preformatted(block, self.running))
                case Quote():
                    self.running.tags["blockquote"] += 1
                    self.put("<blockquote>")
                    self.blocks(block.blocks)
                    self.put("</blockquote>")
                case Raw():
                    self.put(self.raw(block))
                case _:
                    assert_never(block)

    def paragraph(self, content: Sequence[Inline]) -> None:
        """Write a paragraph that is more than a text; an image alone stands at the side."""
        if len(content) == 1 and isinstance(only := content[0], Image):
            content = self.alone(only)
            if not content:
                return
        lines = "<br>\n".join(self.broken(content, self.running.in_paragraph)).split("\n")
        # What begins like a heading may end like one behind a link.
        self.put(*map(escape.line_start, lines) if self.literal else lines)

    def alone(self, image: Image) -> Sequence[Inline]:
        """Write an image alone; return its words instead if it can be none."""
        written = self.running.image(image, is_alone=True)
        if isinstance(written, Text):
            return (written,)
        self.put(written.wikitext)
        return ()

    def text(self, text: str) -> None:
        """Hold back a paragraph that is one text."""
        if "\n" in text or "\r" in text:
            self.soft_breaks(text)
            return
        line = text.strip() if self.literal else text
        if self.literal and line[:1] in _LINE_STARTS:
            self.starts.append(len(self.held))
        self.held.append(line)

    def raw(self, block: Raw) -> str:
        """Write what is wikitext already, if the author's wikitext is wanted; else show it."""
        if block.markup == "wikitext" and not self.literal:
            return block.text
        remedy = ": write with --markup passthrough" if block.markup == "wikitext" else ""
        self.say("raw-shown", f"markup of {shown(block.markup)} is shown as it is written{remedy}", block.line)
        return preformatted(Preformatted(block.text), self.running)

    def soft_breaks(self, text: str) -> None:
        """Hold back a paragraph line by line; as it is, if the author wrote wikitext."""
        lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        if self.literal:
            lines = [line for line in map(str.strip, lines) if line] or [""]
            self.starts += [at for at, line in enumerate(lines, len(self.held)) if line[:1] in _LINE_STARTS]
        self.held += lines

    def list(self, block: List, marks: str) -> None:
        """Write the items of a list, each behind the marks of the lists that it is in."""
        marks += "* " if block.kind == "bulleted" else "# "
        for list_item in block.items:
            content = list_item.content
            if len(content) == 1 and isinstance(only := content[0], Text):
                self.held.append(marks + escape.one_line(only.text))
            else:
                first, *further = self.broken(content, self.running.in_item) if content else [""]
                self.put(marks + "<br>".join([first, *map(escape.after_sign, further)]))
            if list_item.blocks:
                self.below(list_item.blocks, marks[:-1])

    def below(self, blocks: Sequence[Block], marks: str) -> None:
        """Write what stands in an item below its first paragraph: of lists, lines; of the rest, more of the last line.

        Below a nested list, a paragraph has a line of its own.
        """
        is_parted = False
        for block in blocks:
            if isinstance(block, List):
                self.list(block, marks)
                is_parted = True
                continue
            self.put()
            if isinstance(block, Paragraph):
                text = "<br>".join(map(escape.after_sign, self.broken(block.content, self.running.in_item)))
                self.running.tags["dd"] += is_parted
                self.lines[-1] += f"\n{marks}: {text}" if is_parted else f"<br>{text}"
            else:
                self.lines[-1] += within_line((block,), self.running)

    def broken(self, content: Sequence[Inline], place: Place) -> Iterator[str]:
        """Write the lines that line breaks part, and the white space that they begin with: the indentation of code."""
        lines: list[list[Inline]] = [[]]
        for inline in content:
            if isinstance(inline, LineBreak):
                lines.append([])
            else:
                lines[-1].append(inline)
        for line in lines:
            written = self.running.line(line, place)
            indent = _indent(line) if len(lines) > 1 and written else 0
            yield "&nbsp;" * indent + written.lstrip() if indent else written


def _indent(line: Sequence[Inline]) -> int:
    """Count the columns that a line is indented."""
    first = line[0] if line else None
    text = first.text if isinstance(first, Text) else ""
    return len(text[: len(text) - len(text.lstrip())].expandtabs(4))
