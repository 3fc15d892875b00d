"""The same options as keyword arguments, with those of the template choice beside the others.

For type checkers alone: to make these types takes longer than to import most modules.
"""

from __future__ import annotations

from typing import TypedDict

from convert.infobox.catalogue import Catalogue
from convert.infobox.match import Rule
from convert.links.policy import Linking, Scope
from convert.profile import WikiProfile
from convert.readers.layout.looks import Markup
from convert.readers.layout.paragraphs import Paragraphs
from convert.readers.layout.tables import Tables
from convert.readers.plain import Articles, HeadingForms
from convert.titles import Titles
from convert.writers.transclusion import ValueStyle


class ReadOptions(TypedDict, total=False):
    """Options of readers, as keyword arguments."""

    title: str
    line: int
    paragraphs: Paragraphs
    articles: Articles
    headings: HeadingForms
    tables: Tables
    notes: bool
    detokenize: bool
    markup: Markup
    text_field: str
    title_field: str
    infobox_field: str
    categories_field: str
    metadata: bool


class TemplateOptions(TypedDict, total=False):
    """How templates are chosen, as keyword arguments: the fields of TemplateChoice."""

    infobox: str
    rules: tuple[Rule, ...]
    threshold: float
    catalogue: Catalogue | None


class WriteOptions(TemplateOptions, total=False):
    """Options of writers, as keyword arguments."""

    profile: WikiProfile
    markup: Markup
    values: ValueStyle
    typed: tuple[str, ...]
    align: bool
    titles: Titles
    prove: float
    home: str
    standalone: bool
    timestamp: str
    id: int
    contributor: str
    comment: str


class ConvertOptions(ReadOptions, WriteOptions, total=False):
    """Options of a reader and a writer, as keyword arguments."""


class LinkOptions(TypedDict, total=False):
    """Which links are made, as keyword arguments: the fields of LinkPolicy."""

    threshold: float | None
    scope: Scope
    red: bool
    never: tuple[str, ...]
    always: tuple[str, ...]
    per_passage: int


class ConversionNames(WriteOptions, total=False):
    """All choices of a conversion, as keyword arguments: the fields of ConversionOptions."""

    paragraphs: Paragraphs
    articles: Articles
    headings: HeadingForms
    tables: Tables
    notes: bool
    detokenize: bool
    text_field: str
    title_field: str
    infobox_field: str
    categories_field: str
    metadata: bool
    links: Linking
