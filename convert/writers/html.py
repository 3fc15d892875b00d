"""The tree to an HTML page that looks like an article of a wiki, for reading and printing.

A page is one self-contained file without scripts.  ``body`` is the article alone, for a page of the caller's with the
style sheet of ``convert.writers.page``.  Links lead to other pages by the names that ``batch`` gives their files.

    <article>
    <h1>                title
    <table>             infobox: at the side, and on a phone at the top
    <p> <ul> <ol>       lead
    <nav>               contents, if there are some sections
    <section>           sections in sections; their headings go down by one, whatever the level that they were given
    <footer>            categories

Source: https://html.spec.whatwg.org/multipage/
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import chain, repeat
from typing import assert_never
from urllib.parse import quote

from msgspec import Struct, field

from convert.ast import (
    Article,
    Block,
    Cell,
    Code,
    Emphasis,
    Image,
    Infobox,
    Inline,
    LineBreak,
    Link,
    List,
    ListItem,
    Note,
    Paragraph,
    Preformatted,
    Quote,
    Raw,
    Strong,
    Table,
    Text,
)
from convert.diagnostics import Report
from convert.expressions import expression
from convert.infobox.layout.words import readable
from convert.infobox.match import TemplateChoice, choice_for
from convert.names import name_of
from convert.profile import WikiProfile
from convert.titles import folded, is_address
from convert.writers import direction, page
from convert.writers.boxes import BoxWriter, box_of
from convert.writers.page import address_links, escaped, outer_link, quoted
from convert.writers.parts.anchors import (
    Heading,
    anchor_of,
    fragment,
    headings_of,
    note_anchor,
    reference_anchor,
    repeatable,
)
from convert.writers.parts.notes import Notes

#: A list of contents is written from this number of sections.
MIN_SECTIONS = 3
#: The lowest level of headings in HTML.
MAX_HEADING = 6
#: The title of an article without one.
UNTITLED = "Untitled"

_LANGUAGE = expression(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")


class HtmlOptions(Struct, frozen=True):
    """How pages are written.

    Templates are chosen as in wikitext, and rows have the labels of their parameters.  ``home`` is the address of the
    list of all articles, if there is one.  ``standalone=False`` writes the article without the surrounding page.
    """

    profile: WikiProfile = field(default_factory=WikiProfile)
    choice: TemplateChoice = TemplateChoice()
    home: str = ""
    standalone: bool = True


def write(article: Article, report: Report, options: HtmlOptions = HtmlOptions()) -> str:
    """Write a page with one article."""
    writer = _ArticleWriter(article, "", options)
    if not options.standalone:
        return writer.write()
    start = page.opening(writer.title, writer.language or options.profile.language)
    home = f'<nav class="home"><a href={quoted(writer.up + options.home)}>All articles</a></nav>\n'
    return f"{start}<main>\n{home if options.home else ''}{writer.write()}</main>\n{page.closing()}"


def opening(options: HtmlOptions = HtmlOptions()) -> str:
    """Begin a page of many articles."""
    return page.opening("Articles", options.profile.language) + "<main>\n" if options.standalone else ""


def item(article: Article, report: Report, options: HtmlOptions = HtmlOptions()) -> str:
    """Write an article as one of many on a page."""
    return body(article, options)


def closing(options: HtmlOptions = HtmlOptions()) -> str:
    """End a page of many articles."""
    return "</main>\n" + page.closing() if options.standalone else ""


def body(article: Article, options: HtmlOptions = HtmlOptions()) -> str:
    """Write the element of an article, without the surrounding page; its anchors are prefixed with its title."""
    return _ArticleWriter(article, repeatable(anchor_of(article.title, "")) + ":", options).write()


# ── An article


class _ArticleWriter:
    """Writes one article, line by line; ``prefix`` begins its anchors."""

    def __init__(self, article: Article, prefix: str, options: HtmlOptions) -> None:
        self.article = article
        self.prefix = prefix
        self.options = options
        self.lines: list[str] = []
        self.language = _language(article)
        self.is_rtl = direction.is_right_to_left(article)
        self.title = article.title if article.title.strip() else UNTITLED
        self.short_title = repeatable(self.title)
        self.choice = choice_for(article, options.choice)
        self.notes = Notes(article)
        self.in_note = self.has_note_list = False
        #: How often each note was referred to.
        self.references: Counter[int] = Counter()
        #: The relative path from the page's folder to that of all pages.
        self.up = "../" * (name_of(article.title) or "").count("/")

    def write(self) -> str:
        """Write the element of the article."""
        article = self.article
        language = f" lang={quoted(self.language)}" if self.language else ""
        self.lines.append(f"<article{language}" + (' dir="rtl">' if self.is_rtl else ">"))
        self.lines.append(self.element("h1", escaped(self.title)))
        for number, infobox in enumerate(article.infoboxes):
            self.infobox(infobox, number)
        self.blocks(article.lead)
        headings = list(headings_of(article.sections, self.prefix))
        if len(headings) >= MIN_SECTIONS:
            self.contents(headings)
        self.sections(headings)
        self.note_list()
        if article.categories:
            self.categories(article.categories)
        self.lines.append("</article>\n")
        return "\n".join(self.lines)

    def element(self, tag: str, content: str, attributes: str = "") -> str:
        """Write an element with text."""
        return f"<{tag}{attributes}{direction.attribute(content, self.is_rtl)}>{content}</{tag}>"

    def infobox(self, infobox: Infobox, number: int) -> None:
        """Write an infobox as a table: the first with the article's title, others with their template's name."""
        named = infobox.template or ""
        caption = readable(named.removeprefix("Infobox").strip()) if number and named else ""
        title = caption or (self.short_title if number else self.title)
        is_english = (self.language or self.options.profile.language).startswith("en")
        self.lines += BoxWriter(
            box_of(infobox, self.article, self.choice), title, self.is_rtl, is_english, self.link
        ).lines()

    def contents(self, headings: Sequence[Heading]) -> None:
        """Write the list of contents."""
        label = quoted(f"Contents of {self.title}")
        self.lines += (f'<nav class="contents" aria-label={label}>', '<details open="">', "<summary>Contents</summary>")
        self.lines.append("<ol>")
        for (section, depth, anchor), below in zip(headings, (*headings[1:], None), strict=True):
            link = self.element("a", escaped(section.heading), f" href={quoted(fragment(anchor))}")
            following = below.depth if below else 1
            self.lines.append(f"<li>{link}" + ("\n<ol>" if following > depth else "</li>"))
            self.lines += ["</ol></li>"] * (depth - following)
        self.lines += ("</ol>", "</details>", "</nav>")

    def sections(self, headings: Sequence[Heading]) -> None:
        """Write sections with their subsections."""
        above = 0
        for section, depth, anchor in headings:
            level = depth + 1
            deep = f' aria-level="{level}"' if level > MAX_HEADING else ""
            self.lines += [*["</section>"] * (above - depth + 1), "<section>"]
            attributes = f" id={quoted(anchor)}{deep}"
            self.lines.append(self.element(f"h{min(level, MAX_HEADING)}", escaped(section.heading), attributes))
            self.blocks(section.blocks)
            if self.notes.stand_in(section):
                self.note_list(is_headed=True)
            above = depth
        self.lines += ["</section>"] * above

    def categories(self, names: Sequence[str]) -> None:
        """Write the categories that the article is in."""
        self.lines += ('<footer class="categories">', "<h2>Categories</h2>", "<ul>")
        self.lines += [self.element("li", escaped(name)) for name in names]
        self.lines += ("</ul>", "</footer>")

    def blocks(self, blocks: Sequence[Block]) -> None:
        """Write blocks and what stands in them, iteratively: any depth is safe."""
        waiting: list[Block | ListItem | str] = [*reversed(blocks)]
        while waiting:
            part = waiting.pop()
            match part:
                case str():
                    self.lines.append(part)
                case Paragraph(content=(Image() as image,)):
                    self.lines.append(self.figure(image))
                case Paragraph():
                    self.lines.append(self.element("p", self.inlines(part.content)))
                case List():
                    tag = "ul" if part.kind == "bulleted" else "ol"
                    self.lines.append(f"<{tag}>")
                    waiting += (f"</{tag}>", *reversed(part.items))
                case ListItem():
                    content = self.inlines(part.content)
                    end = "" if part.blocks else "</li>"
                    self.lines.append(f"<li{direction.attribute(content, self.is_rtl)}>{content}{end}")
                    if part.blocks:
                        waiting += ("</li>", *reversed(part.blocks))
                case Table():
                    self.table(part)
                case Preformatted():
                    self.lines.append(_preformatted(part))
                case Quote():
                    self.lines.append("<blockquote>")
                    waiting += ("</blockquote>", *reversed(part.blocks))
                case Raw():
                    self.lines.append(_preformatted(Preformatted(part.text)))
                case _:
                    assert_never(part)

    def table(self, table: Table) -> None:
        """Write a table, which scrolls where it is wider than the page."""
        label = quoted(table.caption or "Table")
        self.lines.append(f'<div class="table" role="region" aria-label={label} tabindex="0"><table>')
        if table.caption:
            self.lines.append(self.element("caption", escaped(table.caption)))
        if table.header:
            self.lines.append(f"<thead>{self.row(table.header, 'th', table.align)}</thead>")
        self.lines.append("<tbody>")
        self.lines += [self.row(row, "td", table.align) for row in table.rows]
        self.lines.append("</tbody></table></div>")

    def row(self, cells: Sequence[Cell], tag: str, align: Sequence[str]) -> str:
        """Write a row of a table."""
        scope = ' scope="col"' if tag == "th" else ""
        sides = chain(align, repeat(""))
        written = [
            self.element(tag, self.inlines(cell.content), scope + (f' class="{side}"' if side else ""))
            for cell, side in zip(cells, sides, strict=False)
        ]
        return f"<tr>{''.join(written)}</tr>"

    def inlines(self, content: Sequence[Inline]) -> str:
        """Join text, links and marks."""
        return "".join(
            [address_links(inline.text) if isinstance(inline, Text) else self.mark(inline) for inline in content]
        )

    def mark(self, inline: Link | LineBreak | Strong | Emphasis | Code | Image | Note) -> str:
        """Write an inline that is not text."""
        match inline:
            case Link():
                return self.link(inline)
            case LineBreak():
                return "<br/>\n"
            case Strong():
                return f"<strong>{self.inlines(inline.content)}</strong>"
            case Emphasis():
                return f"<em>{self.inlines(inline.content)}</em>"
            case Code():
                return f"<code>{escaped(inline.text)}</code>"
            case Image():
                return self.image(inline)
            case Note():
                return self.note(inline)
            case _:
                assert_never(inline)

    def image(self, image: Image) -> str:
        """Write an image as what it shows: a page has no files beside it, and fetches none."""
        words = image.caption or image.alt or image.file
        if is_address(image.file):
            return outer_link(image.file, words)
        return f'<span class="image" title={quoted(image.file)}>{escaped(words)}</span>'

    def figure(self, image: Image) -> str:
        """Write an image that stands alone."""
        caption = f"<figcaption>{escaped(image.caption)}</figcaption>" if image.caption else ""
        shown_image = self.image(Image(image.file, "", image.alt))
        return f'<figure class="image">{shown_image}{caption}</figure>'

    def note(self, note: Note) -> str:
        """Write the number of a note, which leads to its text."""
        self.notes.seen += 1
        if self.in_note:
            return f" ({self.inlines(note.content)})"
        number = self.notes.number_of(note)
        if not number:
            return ""
        self.references[number] += 1
        place = note_anchor(number, self.prefix)
        own = reference_anchor(number, self.references[number], self.prefix)
        return f'<sup class="note" id={quoted(own)}><a href={quoted(fragment(place))}>[{number}]</a></sup>'

    def note_list(self, *, is_headed: bool = False) -> None:
        """Write the texts of the notes, each with links back to where it is referred to; once on a page."""
        if not self.references or self.has_note_list:
            return
        self.has_note_list = True
        heading = () if is_headed else ("<h2>Notes</h2>",)
        self.lines += ('<section class="notes">', *heading, "<ol>")
        for number, content in enumerate(self.notes.numbered(), 1):
            back = "".join(
                f' <a class="back" href={quoted(fragment(reference_anchor(number, use, self.prefix)))} '
                f'aria-label="Back to the text, {use}">↑</a>'
                for use in range(1, self.references[number] + 1)
            )
            self.in_note = True
            text = self.inlines(content)
            self.in_note = False
            place = f" id={quoted(note_anchor(number, self.prefix))}"
            self.lines.append(f"<li{place}{direction.attribute(text, self.is_rtl)}>{text}{back}</li>")
        self.lines += ("</ol>", "</section>")

    def link(self, link: Link) -> str:
        """Write a link to an address, or to the page of an article; what can be neither is text."""
        label = link.label if link.label.strip() else link.target
        if is_address(link.target):
            return outer_link(link.target, label)
        title, _, place = link.target.partition("#")
        name = name_of(folded(title))
        if name is None:  # no file could be called so
            return escaped(label)
        address = f"{self.up}{quote(name)}.html" if title else ""
        if place:
            address += fragment(anchor_of(place, "" if title else self.prefix))
        return f"<a href={quoted(address)}>{escaped(label)}</a>"


def _preformatted(block: Preformatted) -> str:
    language = f" class={quoted('language-' + block.language)}" if block.language.split() == [block.language] else ""
    return f'<pre tabindex="0"><code{language}>{escaped(block.text)}</code></pre>'


def _language(article: Article) -> str:
    """Return the language in the article's metadata, if it is a language tag."""
    language = article.metadata.get("language", "")
    return language if _LANGUAGE.fullmatch(language) else ""
