"""plainwiki: plain articles to MediaWiki pages with the right infobox, to XML and to JSON.

    page = convert.convert(text)                        # plain to wikitext, all articles of the text
    article = convert.read_one(text)                    # the only article of a text
    for article in convert.read(text, "plain"):         # or step by step: convert.ast says what an article is
        page = convert.write(article, "wikitext", infobox="Infobox ship")
        for matched in convert.match(article):          # which template each infobox is, and how sure that is
            print(matched.template, matched.probability)
        article = convert.link(article, dictionary)     # with links to what it names (convert.links.dictionary)

``report`` is called with every diagnostic (``convert.diagnostics``).  Without it, an error raises Rejected and the
others are dropped.  Options are keyword arguments (``convert.options.keywords`` has their types); one that a format
does not have is a UsageError.  ``convert.formats.FORMATS`` lists the formats.  Nothing here reads or writes a file.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typing import Unpack

    from convert.ast import Article
    from convert.diagnostics import Diagnostic, Report
    from convert.formats import Reader, Writer
    from convert.infobox.match import Match
    from convert.links.dictionary import Dictionary
    from convert.options.keywords import ConvertOptions, LinkOptions, ReadOptions, TemplateOptions, WriteOptions

__all__ = ["__version__", "convert", "link", "match", "read", "read_one", "write"]

__version__ = "0.1.0"

# The functions import what they need when they are called, so that ``plainwiki --version`` need not.


def read(
    text: str, from_format: str = "plain", report: Report | None = None, **options: Unpack[ReadOptions]
) -> Iterator[Article]:
    """Read every article of a text.  Raises UsageError for a format or an option that does not exist."""
    from convert import formats
    from convert.options import from_names

    text = _checked_text(text)
    reader = formats.reader_of(from_format)
    made = from_names(formats.load(reader.options), options, f"reading {from_format}")
    articles: Iterator[Article] = formats.load(reader.read)(text, report or _raise_error, made)
    return articles


def read_one(
    text: str, from_format: str = "plain", report: Report | None = None, **options: Unpack[ReadOptions]
) -> Article:
    """Read the one article of a text.  Raises UsageError for a text of none or several."""
    from convert.errors import UsageError

    articles = read(text, from_format, report, **options)
    article = next(articles, None)
    if article is None:
        raise UsageError("the text has no article")
    if next(articles, None) is not None:
        raise UsageError("the text has several articles: 'read' yields them all")
    return article


def write(
    article: Article, to_format: str = "wikitext", report: Report | None = None, **options: Unpack[WriteOptions]
) -> str:
    """Write the text of a file with one article.  Raises UsageError for a format or an option that does not exist."""
    from convert import formats
    from convert.options import from_names

    article = _checked_article(article, "write")
    writer = formats.writer_of(to_format)
    made = from_names(formats.load(writer.options), options, f"writing {to_format}")
    text: str = formats.load(writer.write)(article, report or _raise_error, made)
    return text


def convert(
    text: str,
    from_format: str = "plain",
    to_format: str = "wikitext",
    report: Report | None = None,
    **options: Unpack[ConvertOptions],
) -> str:
    """Convert a text: to that of a file with its article, or with all of them where there are several.

    ``options`` are those of reading the one format and of writing the other.
    """
    from convert import formats

    writer = formats.writer_of(to_format)
    for_reading, for_writing = _divided(
        options, formats.reader_of(from_format), writer, f"{from_format} to {to_format}"
    )
    articles = list(read(text, from_format, report, **for_reading))
    if len(articles) == 1:
        return write(articles[0], to_format, report, **for_writing)
    return _written_together(articles, writer, report or _raise_error, for_writing)


def match(article: Article, *, explain: bool = False, **options: Unpack[TemplateOptions]) -> list[Match]:
    """Say for each infobox of an article which template it is, and which parameters its rows are.

    With ``explain`` a guess has its reasons.
    """
    from convert.infobox.match import TemplateChoice
    from convert.infobox.match import match as matched
    from convert.options import from_names

    article = _checked_article(article, "match")
    choice = from_names(TemplateChoice, options, "matching")
    return [matched(infobox, article, choice, explain=explain) for infobox in article.infoboxes]


def link(article: Article, dictionary: Dictionary, **options: Unpack[LinkOptions]) -> Article:
    """Return an article with links to the pages that it names, as far as a dictionary knows them.

    For many articles make one ``convert.links.linking.Linker``, which remembers what it has looked up.
    """
    from convert.links.linking import Linker
    from convert.links.policy import LinkPolicy
    from convert.options import from_names

    article = _checked_article(article, "link")
    return Linker(dictionary, from_names(LinkPolicy, options, "linking")).linked(article)


def _checked_text(text: object) -> str:
    """Return a text.  Raises WrongType for anything else, and says what to do with it."""
    from convert.errors import WrongType

    if isinstance(text, str):
        return text
    if isinstance(text, bytes | bytearray | memoryview):
        raise WrongType("a text is needed, and these are bytes: decode them, as in data.decode('utf-8')")
    if callable(getattr(text, "read", None)):
        raise WrongType("a text is needed, and this is an open file: pass file.read()")
    if callable(getattr(text, "read_text", None)):
        raise WrongType("a text is needed, and this is a path: pass path.read_text('utf-8')")
    raise WrongType(f"a text is needed, and this is of type {type(text).__name__}: pass a str")


def _checked_article(article: object, function: str) -> Article:
    """Return an article.  Raises WrongType for anything else, and says what to do with it."""
    from convert.ast import Article
    from convert.errors import WrongType

    if isinstance(article, Article):
        return article
    if isinstance(article, str):
        raise WrongType(f"'{function}' takes an article, and this is a text: read it first, with 'read_one' or 'read'")
    if isinstance(article, Iterable):
        raise WrongType(f"'{function}' takes one article: call it for each of these")
    raise WrongType(f"'{function}' takes an article, and this is of type {type(article).__name__}")


def _divided(
    options: Mapping[str, Any], reader: Reader, writer: Writer, whose: str
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Divide options into those of the reader and those of the writer.  Raises UsageError for one that neither has."""
    from convert.formats import load
    from convert.options import names_of, unknown_option

    of_reader, of_writer = names_of(load(reader.options)), names_of(load(writer.options))
    for name in options:
        if name not in of_reader and name not in of_writer:
            raise unknown_option(name, whose, {*of_reader, *of_writer})
    for_reading = {name: value for name, value in options.items() if name in of_reader}
    return for_reading, {name: value for name, value in options.items() if name in of_writer}


def _written_together(articles: list[Article], writer: Writer, report: Report, names: Mapping[str, Any]) -> str:
    """Write articles as one file of many: numbered from 1, or from the ``id`` that is given."""
    from msgspec.structs import replace

    from convert.formats import load
    from convert.options import from_names

    options = from_names(load(writer.options), names, "writing")
    item, opening, closing = map(load, (writer.item, writer.opening, writer.closing))
    items = []
    for number, article in enumerate(articles, getattr(options, "id", 1)):
        own = replace(options, id=number) if hasattr(options, "id") else options
        items.append(item(article, report, own))
    return str(opening(options) + writer.between.join(items) + closing(options))


def _raise_error(diagnostic: Diagnostic) -> None:
    from convert.diagnostics import Severity
    from convert.errors import Rejected

    if diagnostic.severity is Severity.ERROR:
        raise Rejected(f"{diagnostic.line}:{diagnostic.column}: {diagnostic.message} [{diagnostic.code}]")
