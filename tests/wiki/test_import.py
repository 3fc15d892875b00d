"""What the export writer writes, a real wiki takes as it is, once; and an edit leaves the same page.

Every test has pages of its own, told apart by what is added to their titles.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha1
from pathlib import Path

import mwxml
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from convert.ast import Article, Block, List, ListItem, Paragraph, Section, Text
from convert.diagnostics import Diagnostic, Severity
from convert.readers import plain
from convert.writers import export, wikitext
from tests import FIXTURES
from tests.servers.wiki import Revision, Wiki
from tests.support.contexts import seen
from tests.support.strategies import ON_A_WIKI, Several, articles

OLD = "2021-03-04T05:06:07Z"

#: The two ways in, as (wiki, dump, folder): the shell's, and that of the API and of Special:Import.
Import = Callable[[Wiki, str, Path], None]


def _by_script(wiki: Wiki, dump: str, folder: Path) -> None:
    wiki.import_dump(_written(dump, folder))


def _by_api(wiki: Wiki, dump: str, folder: Path) -> None:
    wiki.import_xml(dump)


WAYS = pytest.mark.parametrize("take", [_by_script, _by_api], ids=["importDump.php", "action=import"])


def _fixtures(added: str) -> list[Article]:
    found: list[Article] = []
    for path in sorted((FIXTURES / "articles").glob("*.txt")):
        text = path.read_text(encoding="utf-8")
        found += plain.read(text, lambda found: None, plain.PlainReadOptions(title=path.stem))
    return [structs.replace(article, title=f"{article.title} {added}") for article in found]


def _dump(these: Iterable[Article], timestamp: str = OLD) -> str:
    """Export articles as the command does; those that no wiki takes are rejected."""
    pages = []
    for number, article in enumerate(these, 1):
        reported: list[Diagnostic] = []
        page = export.item(article, reported.append, export.ExportOptions(timestamp=timestamp, id=number))
        assert bool(page) != any(each.severity is Severity.ERROR for each in reported)
        pages.append(page)
    return "".join((export.opening(), *pages, export.closing()))


def _written(dump: str, folder: Path) -> Path:
    path = folder / "dump.xml"
    path.write_text(dump, encoding="utf-8")
    return path


def _pages(path: Path) -> dict[str, tuple[str, str]]:
    """Read a dump with mwxml: text and timestamp of the one revision of each page."""
    found = {}
    with path.open(encoding="utf-8") as file:
        for page in mwxml.Dump.from_file(file):
            (revision,) = page
            title = f"{export.ExportOptions().profile.namespaces[page.namespace]}:{page.title}".lstrip(":")
            found[title] = (revision.text, revision.timestamp.strftime("%Y-%m-%dT%H:%M:%SZ"))
    return found


def _imported(wiki: Wiki, title: str) -> list[Revision]:
    """Revisions that came from a dump; the API also adds one of its own, without a change, for its log."""
    return [each for each in wiki.revisions(title) if each.user.endswith(f">{export.ExportOptions().contributor}")]


@pytest.mark.differs
@WAYS
def test_fixtures_are_imported_once(wiki: Wiki, take: Import, tmp_path: Path) -> None:
    """Every page is there with text, timestamp and sha1 as written, and importing again adds nothing."""
    dump = _dump(_fixtures(f"by {take.__name__}"))
    written = _pages(_written(dump, tmp_path))
    for _ in range(2):
        take(wiki, dump, tmp_path)
        for title, (text, timestamp) in written.items():
            (revision,) = _imported(wiki, title)
            assert (revision.text, revision.timestamp) == (text, timestamp)
            assert revision.sha1 == sha1(text.encode()).hexdigest()


@WAYS
def test_changed_source_becomes_the_current_revision(wiki: Wiki, take: Import, tmp_path: Path) -> None:
    """A newer timestamp and another text add one revision, which the page then shows."""
    before = Article(f"Changing {take.__name__}", lead=(Paragraph((Text("It was so."),)),))
    after = structs.replace(before, lead=(Paragraph((Text("It is {{so}}."),)),))
    take(wiki, _dump([before]), tmp_path)
    # The API adds a revision of its own, of this very moment: a source that changed later is newer than that.
    changed = datetime.now(UTC) + timedelta(seconds=2)
    for _ in range(2):
        take(wiki, _dump([after], f"{changed:%Y-%m-%dT%H:%M:%SZ}"), tmp_path)
    texts = [each.text for each in _imported(wiki, before.title)]
    assert texts == ["It is {&#123;so}}.", "It was so."]
    assert wiki.revisions(before.title)[0].text == texts[0]


@pytest.mark.differs
def test_edit_and_import_leave_the_same_page(wiki: Wiki, tmp_path: Path) -> None:
    """The text of a page does not depend on the way it came."""
    these = _fixtures("both ways")
    wiki.import_dump(_written(_dump(these), tmp_path))
    for article in these:
        imported = wiki.revisions(article.title)[0]
        title = f"{article.title} edited"
        assert "nochange" not in wiki.edit(title, wikitext.write(article, lambda found: None))
        assert (imported.text, imported.sha1) == ((edited := wiki.revisions(title)[0]).text, edited.sha1)


_numbers = itertools.count()


@settings(ON_A_WIKI, max_examples=8)
@given(these=st.lists(articles(), min_size=5, max_size=20).map(Several))
def test_any_article_is_imported_as_written_or_rejected(
    wiki: Wiki, these: Several, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """No page that was written is skipped, changed, or fatal to the import, whatever is in it."""
    path = tmp_path_factory.mktemp("any") / "dump.xml"
    named = [structs.replace(each, title=f"{each.title} {next(_numbers)}") for each in these]
    path.write_text(_dump(named), encoding="utf-8")
    wiki.import_dump(path)
    written = {title: text for title, (text, _) in _pages(path).items()}
    found = {title: revision.text for title, revision in wiki.current(list(written)).items()}
    assert not {title: (text, found.get(title)) for title, text in written.items() if text != found.get(title)}


def test_pywikibot_reads_the_dump(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its reader finds the same pages as mwxml."""
    monkeypatch.setenv("PYWIKIBOT_NO_USER_CONFIG", "2")
    from pywikibot.xmlreader import XmlDump

    path = _written(_dump(_fixtures("read")), tmp_path)
    found = {entry.title: (entry.text, entry.timestamp) for entry in XmlDump(str(path), revisions="latest").parse()}
    assert _pages(path) == found


def test_text_extracts_give_headings_and_paragraphs(wiki: Wiki, tmp_path: Path) -> None:
    """MediaWiki's own plain text of every fixture is its headings, paragraphs and lists, and nothing else."""
    these = _fixtures("extracted")
    wiki.supply_templates(wikitext.page(article, lambda found: None) for article in these)
    wiki.import_dump(_written(_dump(these), tmp_path))
    for article in these:
        told = (text for node in (*article.lead, *article.sections) for text in _told(node))
        assert seen(wiki.extract(article.title)) == seen(" ".join(told))


def _told(node: Block | Section | ListItem) -> Iterator[str]:
    match node:
        case Section():
            signs = "=" * node.level
            yield f"{signs} {node.heading} {signs}"
            for below in (*node.blocks, *node.sections):
                yield from _told(below)
        case Paragraph() | ListItem():
            yield "".join(each.text for each in node.content if isinstance(each, Text))
            for nested in node.blocks if isinstance(node, ListItem) else ():
                yield from _told(nested)
        case List():
            for item in node.items:
                yield from _told(item)
        case _:
            raise AssertionError(f"the extract of {type(node).__name__} is not known")
