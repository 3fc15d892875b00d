"""The tree as MediaWiki export XML 0.11, as Special:Import and importDump.php read it.

A page is written only if a wiki would accept it, with exactly the text that an edit would save.  Its sha1 and a
timestamp from its source make imports idempotent.

There is no ``namespacealiases``: a draft of 0.11 had that, but neither the schemas nor the dumps of MediaWiki 1.39 and
1.43 do.

Schema: https://www.mediawiki.org/xml/export-0.11.xsd
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha1
from html import escape as _escape

from msgspec import structs

from convert.ast import Article
from convert.diagnostics import Diagnostic, Report, shown
from convert.titles import WikiTitle, article_page
from convert.writers import wikitext
from convert.writers.wikitext import WikitextOptions

VERSION = "0.11"

#: Content models that can be exported, with their formats.
MODELS = {"wikitext": "text/x-wiki", "css": "text/css"}

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_SHA1_DIGITS = 31


class ExportOptions(WikitextOptions, frozen=True):
    """How pages are written and exported: as one revision each, with the same id as the page.

    ``timestamp`` is in UTC, as in ``2024-05-31T12:00:00Z``.  A wiki shows the revision with the latest one, and takes
    none twice whose timestamp and text it has.
    """

    timestamp: str = "1970-01-01T00:00:00Z"
    id: int = 1
    contributor: str = "plainwiki"
    comment: str = ""


def write(article: Article, report: Report, options: ExportOptions = ExportOptions()) -> str:
    """Write a dump of one page."""
    page = item(article, report, options)
    return opening(options) + page + closing(options) if page else ""


def opening(options: ExportOptions = ExportOptions()) -> str:
    """Begin a dump, with the siteinfo."""
    wiki = options.profile
    namespaces = "".join(
        f'      <namespace key="{number}" case="{wiki.case_of(number)}">{_text(name)}</namespace>\n'
        for number, name in sorted(wiki.namespaces.items())
    )
    address = f"http://www.mediawiki.org/xml/export-{VERSION}"
    return f"""\
<mediawiki xmlns="{address}/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" \
xsi:schemaLocation="{address}/ {address}.xsd" version="{VERSION}" xml:lang="{_escape(wiki.language)}">
  <siteinfo>
    <sitename>{_text(wiki.sitename)}</sitename>
    <dbname>{_text(wiki.dbname)}</dbname>
    <base>{_text(wiki.base)}</base>
    <generator>{_text(wiki.generator)}</generator>
    <case>{wiki.case}</case>
    <namespaces>
{namespaces}    </namespaces>
  </siteinfo>
"""


def item(article: Article, report: Report, options: ExportOptions = ExportOptions()) -> str:
    """Write one page of a dump; a page that no wiki would accept is reported as an error and not written."""
    profile = options.profile
    page = article_page(article, report, profile, options.titles)
    if page is None:
        return ""
    text = wikitext.page_text(article, page, report, options)
    encoded = text.encode()
    if not 0 < len(encoded) <= profile.max_page_bytes:
        report(_refusal(article, len(encoded), profile.max_page_bytes))
        return ""
    return revision(page, text, options, encoded=encoded)


def closing(options: ExportOptions = ExportOptions()) -> str:
    """End a dump."""
    return "</mediawiki>\n"


def dump(pages: Iterable[tuple[WikiTitle, str, str]], options: ExportOptions = ExportOptions()) -> str:
    """Write a dump of ready pages, each with its text and content model (wikitext or css)."""
    numbered = enumerate(pages, options.id)
    written = (
        revision(page, text, structs.replace(options, id=number), model) for number, (page, text, model) in numbered
    )
    return opening(options) + "".join(written) + closing(options)


def base36_sha1(text: bytes) -> str:
    """Return the SHA-1 of a revision as MediaWiki stores it: 31 digits in base 36."""
    number = int.from_bytes(sha1(text, usedforsecurity=False).digest(), "big")
    digits = ""
    for _ in range(_SHA1_DIGITS):
        number, digit = divmod(number, 36)
        digits = _DIGITS[digit] + digits
    return digits


def revision(
    page: WikiTitle, text: str, options: ExportOptions, model: str = "wikitext", encoded: bytes | None = None
) -> str:
    """Write a page of a dump, with one revision; ``encoded`` is its text in UTF-8, if the caller has it already."""
    encoded = text.encode() if encoded is None else encoded
    checksum = base36_sha1(encoded)
    comment = f"      <comment>{_text(options.comment)}</comment>\n" if options.comment else ""
    return f"""\
  <page>
    <title>{_text(page.title)}</title>
    <ns>{page.namespace}</ns>
    <id>{options.id}</id>
    <revision>
      <id>{options.id}</id>
      <timestamp>{options.timestamp}</timestamp>
      <contributor>
        <username>{_text(options.contributor)}</username>
        <id>0</id>
      </contributor>
{comment}      <origin>{options.id}</origin>
      <model>{model}</model>
      <format>{MODELS[model]}</format>
      <text bytes="{len(encoded)}" sha1="{checksum}" xml:space="preserve">{_text(text)}</text>
      <sha1>{checksum}</sha1>
    </revision>
  </page>
"""


def _text(text: str) -> str:
    return _escape(text, quote=False)


def _refusal(article: Article, size: int, limit: int) -> Diagnostic:
    if size:
        message = f"the page {shown(article.title)} has {size} bytes, and the wiki takes {limit}: make several of it"
        return Diagnostic("too-large", article.line, 1, message)
    message = f"the page {shown(article.title)} would be empty, and no wiki keeps an empty page: write something in it"
    return Diagnostic("page-empty", article.line, 1, message)
