"""MediaWiki's schema of export dumps, and the law that our exports are valid.

The schema is a file of MediaWiki, so a test that uses it is marked ``wiki``.
"""

from __future__ import annotations

import gzip
from functools import cache
from typing import Any

from lxml import etree

from convert import formats
from convert.ast import Article
from convert.writers.export import VERSION
from tests.servers.wiki import MEDIAWIKI
from tests.support import conversion

_FOLDERS = (MEDIAWIKI / "docs", MEDIAWIKI.parent / "doc" / "mediawiki" / "docs")

#: The schema imports this one from the network, for two attributes.
_XML_ATTRIBUTES = """
<schema xmlns="http://www.w3.org/2001/XMLSchema" targetNamespace="http://www.w3.org/XML/1998/namespace">
  <attribute name="lang" type="language"/>
  <attribute name="space"><simpleType><restriction base="NCName">
    <enumeration value="default"/><enumeration value="preserve"/>
  </restriction></simpleType></attribute>
</schema>
"""


def export_fits_the_schema_of_mediawiki(article: Article) -> None:
    """The dump is valid, unless no wiki accepts the article."""
    format = formats.named("export")
    assert format
    text, _ = conversion.write(format, [article])
    if text:
        export_schema().assertValid(etree.fromstring(text.encode()))


@cache
def export_schema() -> etree.XMLSchema:
    """Return the schema.  Raises RuntimeError where MediaWiki's documentation is not installed."""
    name = f"export-{VERSION}.xsd"
    paths = [path for folder in _FOLDERS for path in (folder / name, folder / f"{name}.gz") if path.exists()]
    if not paths:
        raise RuntimeError(
            f"there is no {name} in {_FOLDERS[1]}: Debian's package mediawiki has it, but dpkg may be set to leave "
            "documentation out: apt-get install --reinstall -o Dpkg::Options::='--path-include=*' mediawiki"
        )
    content = paths[0].read_bytes()
    parser = etree.XMLParser(no_network=True)
    parser.resolvers.add(_XmlAttributes())
    return etree.XMLSchema(etree.fromstring(gzip.decompress(content) if paths[0].suffix == ".gz" else content, parser))


class _XmlAttributes(etree.Resolver):
    # The stubs know nothing of the context.
    def resolve(self, system_url: str, public_id: str, context: Any) -> Any:  # type: ignore[override]
        return self.resolve_string(_XML_ATTRIBUTES, context)  # type: ignore[call-arg]
