"""Dumps for tests: pages with wikitext, as an export has them."""

from __future__ import annotations

from collections.abc import Mapping
from xml.sax.saxutils import escape

_SITE = (
    "<siteinfo><sitename>Test</sitename><dbname>test</dbname><case>{case}</case><namespaces>"
    '<namespace key="0" case="first-letter" /><namespace key="6" case="first-letter">Datei</namespace>'
    '<namespace key="14" case="first-letter">Kategorie</namespace></namespaces></siteinfo>'
)


def dump(pages: Mapping[str, str], language: str = "en", case: str = "first-letter") -> bytes:
    """Make a dump of pages in the main namespace."""
    text = "".join(
        f"<page><title>{escape(title)}</title><ns>0</ns><id>{number}</id><revision><id>{number}</id>"
        f"<timestamp>2020-01-{number % 28 + 1:02}T00:00:00Z</timestamp><model>wikitext</model>"
        f'<text xml:space="preserve">{escape(text)}</text></revision></page>\n'
        for number, (title, text) in enumerate(pages.items(), 1)
    )
    return f'<mediawiki xml:lang="{language}">{_SITE.format(case=case)}{text}</mediawiki>\n'.encode()
