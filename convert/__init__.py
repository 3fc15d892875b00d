"""plainwiki: plain articles to MediaWiki pages with the right infobox, to XML and to JSON."""

__version__ = "0.1.0"
