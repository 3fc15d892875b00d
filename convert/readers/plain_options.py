"""How plain articles, and those in Markdown, are read."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from convert.readers.layout.looks import Markup
from convert.readers.layout.paragraphs import Paragraphs
from convert.readers.layout.tables import Tables
from convert.readers.markdown.outlines import OutlineOf

Articles = Literal["auto", "one", "many"]
HeadingForms = Literal["auto", "equals"]


class PlainReadOptions(Struct, frozen=True):
    """How plain articles are read.

    ``title`` serves the first article if its text has none; ``line`` is the number of the text's first line.
    ``checked`` are the signs of markup in the text (``clean.signs_in``), from somebody who has seen to it that every
    character can be kept.  ``continues`` says that the text is part of a longer one, and begins with a title.

    Each level-1 heading after a blank line begins one of ``many`` articles, or a section of ``one``.  ``auto`` reads
    many, and warns where that looks wrong.

    ``markup="passthrough"`` says that wikitext in the text is meant, so that nothing is said of it.

    ``tables`` are those between pipes; with ``tabs`` also blocks of lines whose cells tabs part, of which the first is
    the head with ``tabs-headed``.  ``notes`` says that [1] in the text refers to a note, whose text stands at the end
    or in a section for notes.

    ``outline_of`` gives the title and headings of a file that Markdown links to, by its path as written there.

    ``headings`` of other forms are read where an article has no ``= Title =``, or only those between ``equals`` signs.
    """

    title: str = ""
    line: int = 1
    paragraphs: Paragraphs = "auto"
    articles: Articles = "auto"
    headings: HeadingForms = "auto"
    tables: Tables = "piped"
    notes: bool = False
    detokenize: bool = False
    markup: Markup = "literal"
    checked: bytes | None = None
    continues: bool = False
    outline_of: OutlineOf | None = None
