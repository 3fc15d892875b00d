"""The tree to a MediaWiki page: the infobox as a template call, then lead, sections and categories.

Everything of the author's goes through ``escape``.  A page is what MediaWiki saves: in NFC, without a line feed at its
end, so that an edit and an import give the same text.

Syntax: https://www.mediawiki.org/wiki/Help:Formatting
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Annotated, assert_never

from msgspec import Meta, structs

from convert.ast import Article, Block, Inline, LineBreak, Link, List, Paragraph, Section, Text
from convert.diagnostics import Diagnostic, Report, shown
from convert.infobox.match import choice_for
from convert.nfc import to_nfc_lines
from convert.profile import CATEGORY, FILE, WikiProfile
from convert.titles import LOST_CHARACTER, BadTitle, Titles, WikiTitle, article_page, display_title, page_of, replaced
from convert.writers import escape
from convert.writers.escape import Escape, Guard
from convert.writers.proof import disagreement, is_drawn
from convert.writers.transclusion import InfoboxOptions, Transclusion, remark_calls, transclusion

# What ends an address, or is not seen in one.
_NOT_IN_ADDRESS = re.compile("[^\\w!-~]|[\\[\\]<>\"'{}|\u115f\u1160\u3164\uffa0]")

# Beside letters, some languages draw these into a link.
_SIGNS_OF_LINKS = frozenset("'\"-0123456789")

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
    writer = _PageWriter(report, options)
    writer.page(article, where)
    text = "\n".join(writer.lines).strip()
    if options.prove and is_drawn(where.title, options.prove):
        writer.prove(text)
    return text


class _PageWriter:
    """Writes one page, line by line.

    Lines that hold nothing but one text of the author's, behind marks of ours, are held back and guarded at once: each
    by itself, converting articles takes 1.1 to 1.2 times as long.
    """

    def __init__(self, report: Report, options: WikitextOptions) -> None:
        self.report = report
        self.options = options
        self.profile = options.profile
        self.literal = options.markup == "literal"
        self.lines: list[str] = []
        self.held: list[str] = []
        #: Those of the held lines that may begin with more than text.
        self.starts: list[int] = []
        self.article_line = 0
        #: What was meant: calls of templates, and links.
        self.calls: list[str] = []
        self.transclusions: list[Transclusion] = []
        self.links: list[str] = []

    def say(self, code: str, message: str, line: int = 0) -> None:
        """Report something about a line, or about the article where the line is not known."""
        self.report(Diagnostic(code, line or self.article_line, 1, message))

    def guard(self, function: Escape) -> Guard:
        """Make the function that guards text for its place in a page: not at all if the author wrote wikitext."""
        return escape.guard(function, self.profile, self.literal)

    def page(self, article: Article, where: WikiTitle) -> None:
        """Write infoboxes, lead, sections and categories."""
        self.article_line = article.line
        if self.options.titles == "replace":
            shown_title = display_title(article.title, where, self.profile)
            self.calls += [f"{{{{DISPLAYTITLE:{shown_title}}}}}"] if shown_title else []
            self.lines += self.calls
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
        if article.categories:
            categories = [*filter(None, map(self.category, article.categories))]
            self.links += categories
            self.lines += ("", *categories)

    def prove(self, text: str) -> None:
        """Report an error where another parser reads the page otherwise than it was meant."""
        typed = self.options.values == "typed" or bool(self.options.typed)
        if why := disagreement(text, self.calls, self.transclusions, self.links, typed):
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
            self.put("", f"{signs} {self.guard(escape.heading)(section.heading)} {signs}")
        else:
            self.held += ("", f"{signs} {escape.one_line(section.heading)} {signs}")
        self.blocks(section.blocks)
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
                    if len(content) != 1 or not isinstance(only := content[0], Text):
                        lines = "<br>\n".join(self.broken(content, self.guard(escape.paragraph))).split("\n")
                        # What begins like a heading may end like one behind a link.
                        self.put(*map(escape.line_start, lines) if self.literal else lines)
                    elif "\n" in only.text or "\r" in only.text:
                        self.soft_breaks(only.text)
                    else:
                        line = only.text.strip() if self.literal else only.text
                        if self.literal and line[:1] in _LINE_STARTS:
                            self.starts.append(len(held))
                        held.append(line)
                case _:
                    assert_never(block)

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
                first, *further = self.broken(content, self.guard(escape.list_item))
                self.put(marks + "<br>".join([first, *map(escape.after_sign, further)]))
            for nested in list_item.lists:
                self.list(nested, marks[:-1])

    def broken(self, content: Sequence[Inline], guard: Guard) -> Iterator[str]:
        """Write the lines that line breaks part, and the white space that they begin with: the indentation of code."""
        lines: list[list[Text | Link]] = [[]]
        for inline in content:
            if isinstance(inline, LineBreak):
                lines.append([])
            else:
                lines[-1].append(inline)
        for line in lines:
            written = self.inlines(line, guard)
            indent = _indent(line) if len(lines) > 1 and written else 0
            yield "&nbsp;" * indent + written.lstrip() if indent else written

    def inlines(self, content: Sequence[Text | Link], guard: Guard) -> str:
        """Join text and links of one line; only the first text stands at the start of its line."""
        written: list[str] = []
        end = ""  # the last two characters
        for inline in self.merged(content):
            match inline:
                case Text():
                    piece = (self.guard(escape.inside) if written else guard)(inline.text)
                    # Guards strip lines, but what a link follows does not end here.
                    if inline.text[-1].isspace() and (written or piece):
                        piece = piece.rstrip() + " "
                case str():
                    piece = inline
                    if written:
                        written[-1] = escape.before_link(written[-1])
                    if self.profile.link_prefixes and end and _goes_on_link(end[-1], self.profile):
                        piece = f"<nowiki/>{piece}"
                case _:
                    assert_never(inline)
            if piece:
                if end == "]]" and _goes_on_link(piece[0], self.profile):
                    guarded = escape.after_sign(piece)
                    piece = f"<nowiki/>{piece}" if guarded is piece else guarded
                written.append(piece)
                end = (end + piece)[-2:]
        return "".join(written).rstrip()

    def merged(self, content: Sequence[Text | Link]) -> Iterator[Text | str]:
        """Yield links as wikitext, and texts that touch in one: what two of them say together may be alive."""
        text = ""
        for inline in content:
            match inline:
                case Text():
                    text += inline.text
                case Link():
                    link = self.link(inline)
                    if link is None:
                        text += inline.label if inline.label.strip() else inline.target
                        continue
                    self.links.append(link)
                    if text:
                        yield Text(text)
                    text = ""
                    yield link
                case _:
                    assert_never(inline)
        if text:
            yield Text(text)

    def link(self, link: Link) -> str | None:
        """Write a link to a page of the wiki, or to an address; ``None``, and a remark, where none can lead there."""
        # Behind the pipe there must be something: the wiki would make up a label.
        label = self.guard(escape.link_label)(link.label if link.label.strip() else link.target)
        if escape.is_address(link.target):
            target = self.guard(escape.running_text)(_NOT_IN_ADDRESS.sub(_percent_encoded, link.target))
            label = label.replace("\ufffd", "&#65533;")  # with the sign itself the wiki sees no link
            return f"[{target} {label}]"
        title, sign, fragment = link.target.partition("#")
        if title.endswith("&"):  # the wiki would take the number sign for that of a character reference
            title, fragment = link.target, ""
        page = page_of(title, self.profile)
        problem = page.problem if isinstance(page, BadTitle) and (title or not fragment) else ""
        if "\ufffd" in fragment:
            problem = LOST_CHARACTER
        if problem:
            self.say("link-invalid", f"no link can lead to {shown(link.target)}: {problem}")
            return None
        target = sign + self.guard(escape.link_fragment)(fragment)
        if isinstance(page, WikiTitle):
            # Without a colon a file would be shown here, a category would take the page in, and what begins like an
            # address would be no link to a page.
            colon = ":" if page.namespace in (FILE, CATEGORY) or escape.is_address(page.title) else ""
            target = colon + page.title + target
        return f"[[{target}]]" if target == label else f"[[{target}|{label}]]"


def _goes_on_link(character: str, profile: WikiProfile) -> bool:
    """Return whether a character beside a link would be drawn into it: letters, and in other languages some signs."""
    if character.isascii():
        return character.isalpha() or (not profile.is_english and character in _SIGNS_OF_LINKS)
    return not character.isspace() if not profile.is_english else character.isalpha()


def _indent(line: Sequence[Text | Link]) -> int:
    """Count the columns that a line is indented."""
    first = line[0] if line else None
    text = first.text if isinstance(first, Text) else ""
    return len(text[: len(text) - len(text.lstrip())].expandtabs(4))


def _percent_encoded(matched: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in matched[0].encode())
