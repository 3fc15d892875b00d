"""Diagnostics: messages of readers and writers about a position in a text, as values.

A diagnostic of severity *error* means that the document cannot be converted: the caller rejects it and continues with
the next.  Warnings and infos change nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum

from msgspec import Struct

from convert.printable import redacted
from convert.printable import visible as visible


class Severity(IntEnum):
    """Severities in ascending order."""

    INFO = 1
    WARNING = 2
    ERROR = 3


#: Every code: its severity, and what it means in general.
CODES: dict[str, tuple[Severity, str]] = {
    # the text as a whole
    "unreadable": (Severity.ERROR, "the file or stream cannot be read"),
    "damaged": (Severity.ERROR, "the file, archive or table ends in the middle, or its bytes are wrong"),
    "archive-member": (Severity.ERROR, "a member of an archive is no file that can be read, but a link or encrypted"),
    "member-name": (Severity.WARNING, "an archive does not say in which encoding the names of its members are"),
    "archive-nested": (Severity.ERROR, "an archive or a packed file within an archive is not read"),
    "link-outside": (Severity.WARNING, "a link that leads out of the folder is not followed"),
    "encoding": (Severity.ERROR, "the bytes are not UTF-8, or not of the encoding that the text is said to have"),
    "encoding-mark": (Severity.INFO, "the text is not in UTF-8, but in what its byte order mark says"),
    "content-type": (Severity.INFO, "what the file is read as, since its name does not say it"),
    "passed-over": (Severity.WARNING, "files of a folder or an archive are of no kind that is read"),
    "left-out": (Severity.INFO, "files of a folder or an archive are not read, as the patterns say"),
    "binary": (Severity.ERROR, "the input is not a text"),
    "empty": (Severity.ERROR, "there is no article in the input"),
    "too-large": (Severity.ERROR, "the document is larger than the limit"),
    "control-character": (Severity.WARNING, "a character that no wiki and no XML can hold became U+FFFD"),
    "line-break": (Severity.WARNING, "a line break became a space where there can be none"),
    "json-syntax": (Severity.ERROR, "the text is not JSON"),
    "json-key-repeated": (Severity.WARNING, "an object names a key twice, and the last value counts"),
    "json-shape": (Severity.ERROR, "the JSON is not an article of the published schema"),
    "record-field": (Severity.ERROR, "a record has no field with the name that is asked for, or none with a text"),
    "record-redirect": (Severity.ERROR, "a record is a redirect to another page and has no text of its own"),
    "record-form": (Severity.INFO, "which fields of a record were read as which part of the page"),
    "record-title": (Severity.INFO, "a record names the page, so that a title in its text heads a section"),
    "record-unread": (Severity.WARNING, "a field of a record looks like a text or an infobox and is not read"),
    "table-form": (Severity.INFO, "which columns of a table were read as which part of the page"),
    "table-row": (Severity.ERROR, "a row of a table has not the fields that its head names"),
    "api-page": (Severity.ERROR, "an answer of MediaWiki's interface has no text of a page that can be read"),
    "api-continue": (Severity.WARNING, "an answer of MediaWiki's interface is not all of it"),
    "xml-syntax": (Severity.ERROR, "the text is not well-formed XML"),
    "dump-truncated": (Severity.ERROR, "an export dump ends in the middle, or cannot be read any further"),
    "dump-damaged": (Severity.ERROR, "a page of an export dump cannot be read, and those behind it were"),
    "dump-page": (Severity.ERROR, "a page of an export dump has no text that can be published"),
    "dump-part": (Severity.WARNING, "an export dump has more than the main texts of pages, which is not read"),
    "markup-unsure": (Severity.ERROR, "a record holds wikitext, and nothing says whether that is a page or an article"),
    "xml-shape": (Severity.ERROR, "the XML is not an article of the published schema"),
    "item-untitled": (Severity.ERROR, "an item of a text with many pages names no title"),
    "item-unended": (
        Severity.WARNING,
        "an item of a text with many pages has no end, and ends where the next one begins",
    ),
    "text-outside": (Severity.ERROR, "text stands outside the pages of a text, and is not read"),
    # plain articles
    "break-character": (Severity.INFO, "a character other than the line feed was read as a line break or blank line"),
    "invisible-character": (Severity.INFO, "a character that nobody sees was left out where it hid a mark"),
    "front-matter": (Severity.INFO, "what was read from lines above the text, as 'Title: X' or front matter"),
    "front-matter-hidden": (Severity.WARNING, "facts above the text that no wiki page will show"),
    "front-matter-unread": (Severity.WARNING, "lines of front matter were not understood"),
    "title-hidden": (Severity.WARNING, "a title has a character that nobody sees"),
    "title-differs": (Severity.WARNING, "a text names two titles"),
    "title-echo": (Severity.INFO, "the title stood again in a line by itself"),
    "title-or-section": (
        Severity.WARNING,
        "whether a level-1 heading begins an article or heads a section is not certain",
    ),
    "title-missing": (Severity.WARNING, "the article has no '= Title =' line"),
    "paragraph-style": (Severity.INFO, "which style of paragraphs the reader decided on"),
    "looks-like": (Severity.WARNING, "the text looks like other markup, a table or code, which is not read as such"),
    "lines-joined": (Severity.WARNING, "short lines, as of a poem or an address, are joined to running text"),
    "lines-kept": (Severity.INFO, "lines within a paragraph were kept apart"),
    "fence-unclosed": (Severity.WARNING, "no line closes fenced code: plain text then, or code to the end in Markdown"),
    "fence-words": (Severity.WARNING, "more than the name of a language stands behind a fence, and is left out"),
    "table-ragged": (Severity.WARNING, "a table has rows of fewer or more cells than its head"),
    "heading-empty": (Severity.WARNING, "a heading without text is kept as text"),
    "heading-unequal": (Severity.WARNING, "the two sides of a heading differ"),
    "heading-title": (Severity.WARNING, "a level-1 heading that touches the line above does not start an article"),
    "heading-form": (Severity.INFO, "titles and headings were read in another form than '== … =='"),
    "heading-marks": (Severity.INFO, "a heading stood in bold or italics"),
    "infobox-form": (Severity.INFO, "an infobox in another form than the canonical one was read as one"),
    "infobox-above-title": (Severity.INFO, "an infobox stands above the title of its article"),
    "infobox-unread": (Severity.WARNING, "what looks like an infobox was read as text"),
    "infobox-line": (Severity.WARNING, "a line in an infobox is not a '- Key: value' line"),
    "infobox-name": (Severity.WARNING, "what follows 'Infobox' cannot be a template's name"),
    "infobox-place": (Severity.INFO, "an infobox or categories block stands below the lead"),
    "field-repeated": (Severity.WARNING, "a key stands twice in one infobox"),
    "field-empty": (Severity.INFO, "a field has no value"),
    "value-nested": (Severity.WARNING, "the items of a field cannot be nested further"),
    "list-number": (Severity.WARNING, "a list's numbers are not 1, 2, 3, as the wiki will count"),
    "list-depth": (Severity.WARNING, "a list item is deeper than its place allows"),
    "nesting-depth": (Severity.WARNING, "quotes or marks of running text are nested deeper than the tree allows"),
    "note-nested": (Severity.WARNING, "a note stands in another, as text"),
    "note-missing": (Severity.WARNING, "what looks like a reference to a note has no text of a note, and stays text"),
    "note-unused": (
        Severity.WARNING,
        "the text of a note that nothing refers to stays where it is, or is left out in Markdown",
    ),
    "markdown-unkept": (Severity.WARNING, "something of Markdown is kept in another form, or left out"),
    "markdown-link": (Severity.INFO, "a link to a file that is not there leads to the article of its name"),
    "markdown-html": (Severity.WARNING, "HTML in Markdown is shown as text"),
    "categories-form": (Severity.INFO, "categories were read from another form than a block"),
    "list-form": (Severity.INFO, "what goes on with a list item although it is not indented"),
    "list-parted": (Severity.WARNING, "a number counts on with a list that text parts from it, and begins none"),
    "category-repeated": (Severity.INFO, "a category is named twice"),
    # links
    "links-made": (Severity.INFO, "how many links were made of the text"),
    # writers
    "title-invalid": (Severity.ERROR, "no wiki accepts the title"),
    "title-namespace": (Severity.WARNING, "the title's first word names a namespace or another wiki"),
    "title-repeated": (Severity.ERROR, "an earlier article of the same run has this title"),
    "title-shared": (Severity.INFO, "an earlier article of the same run has this title, and both are kept"),
    "title-replaced": (Severity.WARNING, "the title was replaced by one that the wiki accepts"),
    "page-empty": (Severity.ERROR, "the page would have no text"),
    "unproved": (Severity.ERROR, "another parser reads the page otherwise than it was meant"),
    "template-guessed": (Severity.INFO, "which template the infobox was taken for, and how sure that is"),
    "template-unsure": (Severity.WARNING, "no template is likely enough, so the infobox is a generic one"),
    "template-foreign": (
        Severity.INFO,
        "the known templates are English, and the article is not",
    ),
    "template-named": (Severity.INFO, "a template's name was written in another form than the wiki's"),
    "template-unknown": (Severity.WARNING, "no template of the name is known"),
    "template-invalid": (Severity.WARNING, "no template can have the name that the infobox names"),
    "category-invalid": (Severity.WARNING, "no category can have this name"),
    "link-invalid": (Severity.WARNING, "no page can have the title that a link leads to"),
    "parameter-unknown": (Severity.WARNING, "the template is not known to take this key"),
    "group-label": (Severity.INFO, "a line that heads fields has no place in the template, or is a row of its own"),
    "parameter-repeated": (Severity.WARNING, "two keys mean the same parameter"),
    "key-invalid": (Severity.WARNING, "a key cannot be a template parameter's name as it is"),
    "image-address": (Severity.WARNING, "an image at an address became a link, as wikis show their own files"),
    "image-invalid": (Severity.WARNING, "no file of a wiki can be an image, or have its name"),
    "note-empty": (Severity.WARNING, "a note has no text"),
    "raw-shown": (Severity.WARNING, "markup of another format is shown as it is written"),
    "extension-assumed": (Severity.INFO, "the page needs an extension that the wiki is taken to have"),
    "plain-notes": (Severity.INFO, "the plain form of an article has notes, which an option reads"),
    "plain-lossy": (Severity.WARNING, "the plain form cannot hold all of this article"),
    # dictionaries of links
    "links-language": (Severity.WARNING, "a dictionary of links, or what it is learnt from, is in another language"),
}


class Diagnostic(Struct, frozen=True):
    """One remark: ``line`` and ``column`` count from 1; 0 where there is none to name.

    ``about`` are the facts in the message, each an ``excerpt``, for reports that count them: of a guessed template its
    name and percent.  The facts of a code are documented where it is reported.
    """

    code: str
    line: int
    column: int
    message: str
    about: tuple[str, ...] = ()

    @property
    def severity(self) -> Severity:
        """The severity of the code."""
        return CODES[self.code][0]


#: Receives diagnostics one by one, in the order of detection.
Report = Callable[[Diagnostic], None]


def shown(text: str, limit: int = 60) -> str:
    """Quote a piece of an author's text for a message, as an ``excerpt``."""
    return f"'{excerpt(text, limit)}'"


def excerpt(text: str, limit: int = 60) -> str:
    """Shorten an author's text to one line of at most ``limit`` characters, as ``visible``."""
    # Redact before truncation: half a secret would not be recognized.
    text = redacted(text)
    return visible(text if len(text) <= limit else text[: limit - 1] + "…")
