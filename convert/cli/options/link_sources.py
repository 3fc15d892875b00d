"""The option ``--links``: where the titles and anchors come from that a text is searched for.

Every source becomes the path of a dictionary, which the processes of a run open by themselves: ``batch`` has the titles
of the inputs, which are read once more for it, ``wiki`` those of the wiki that pages are written for, kept in the
user's cache.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

import click

from convert.batch.model import Task
from convert.batch.observer import Observer
from convert.batch.progress import Silent
from convert.cli.configuration.access_options import ACCESS_NAMES
from convert.cli.configuration.wiki_account import WikiAccount, wiki_account
from convert.diagnostics import Diagnostic, Severity
from convert.errors import UsageError
from convert.inputs.sources import STDIN, Selection, SourceReport
from convert.io import console
from convert.links.stored import Header
from convert.profile import MAIN, WikiProfile
from convert.titles import WikiTitle, page_of, replaced
from convert.wikitext.page import redirect_of

if TYPE_CHECKING:
    from convert.dictionaries.titles import Title

#: The sources that are no files.
BATCH, WIKI = "batch", "wiki"
#: Up to so many titles of a wiki are read anew whenever it has changed, in a hundred requests; more, when they are old.
_FEW_TITLES = 50_000
_KEPT_DAYS = 7


def batch_dictionary(paths: Sequence[str], selection: Selection, task: Task, profile: WikiProfile) -> str:
    """Return the dictionary of the titles of inputs.  Raises UsageError where they can only be read once."""
    from convert.dictionaries.cache import cached_path, forget_old, save_titles

    if once := next((path for path in paths if _is_read_once(path)), None):
        name = "standard input" if once == STDIN else once
        raise UsageError(f"--links batch reads the inputs twice, and {name} can be read once: name files")
    # What is read otherwise has other titles, so that runs side by side do not share a file.
    read = repr((selection._replace(leave_out=frozenset()), task.options.titles))
    path = cached_path(BATCH, *map(os.path.abspath, paths), read, profile.language, profile.case)
    save_titles(path, Header(profile.language, profile.case, BATCH), _titles(paths, selection, task, profile))
    forget_old(path)
    return path


def _is_read_once(path: str) -> bool:
    """Return whether an input is a stream: standard input, a pipe, a device."""
    if path == STDIN:
        return True
    try:
        mode = os.stat(path).st_mode
    except OSError:  # what reads the inputs tells it, and knows other file systems
        return False
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))


def _titles(paths: Sequence[str], selection: Selection, task: Task, profile: WikiProfile) -> Iterator[Title]:
    """Yield the titles of the pages that inputs become, with their texts; what is wrong is said at their conversion.

    With ``Selection.pages``, these are ready pages, too, each with the title that it redirects to.
    """
    # Imported here, because most runs need none of it.
    from convert.batch.articles import Articles
    from convert.dictionaries.titles import Title
    from convert.links.passages import passages_of, running

    if selection.pages:
        yield from _titles_of_pages(paths, selection, profile)
        selection = selection._replace(pages=False)
    silent = Observer(lambda source, remark: None, Severity.ERROR, Silent())
    for article in Articles(paths, selection, task._replace(target="json"), silent):
        title = replaced(article.title, profile) if task.options.titles == "replace" else article.title
        page = page_of(title, profile)
        if isinstance(page, WikiTitle) and page.namespace == MAIN:
            yield Title(page.title, text=running(passages_of(article)).text.replace("\0", "\n"))


def _titles_of_pages(paths: Sequence[str], selection: Selection, profile: WikiProfile) -> Iterator[Title]:
    from convert.dictionaries.titles import Title
    from convert.inputs import sources
    from convert.upload.desired.ready_pages import ReadyPages, is_ready

    ready = ReadyPages(selection, profile)
    for piece in filter(is_ready, sources.pieces(paths, selection, lambda source, remark: None)):
        for page in ready.read(piece, sources.fetch(piece), lambda remark: None):
            title = page_of(page.title, profile)
            if isinstance(title, WikiTitle) and title.namespace == MAIN:
                yield Title(title.title, redirect_of(page.text))


def wiki_dictionary(account: WikiAccount) -> str:
    """Return the dictionary of a wiki's titles, read from it unless those in the cache are up to date.

    Those of a large wiki are reused for a week even if it has changed since; a message then tells their age.
    """
    from convert.dictionaries.cache import age_of, cached_path, days_of, save_titles

    path = cached_path(WIKI, account.api)
    with account.reading() as client:
        state = client.titles.state()
        if kept := _kept_titles(path):
            message = f"links: {kept.pages:,} titles of {account.api}, read {age_of(path)}"
            if kept.state == state:
                console.say(message)
                return path
            if kept.pages > _FEW_TITLES and days_of(path) < _KEPT_DAYS:
                console.say(f"{message}, and it has others since; to read them anew, remove {path}")
                return path
        console.say(f"links: reading the titles of {account.api}")
        profile = client.site.profile
        header = Header(profile.language, profile.case, account.api, state=state)
        header = save_titles(path, header, client.titles.all())
    console.say(f"links: {header.pages:,} titles")
    return path


def _kept_titles(path: str) -> Header | None:
    """Return the header of a dictionary in the cache; ``None`` if there is none that can be read."""
    from convert.dictionaries.files import open_dictionary
    from convert.links.stored import UnreadableDictionary

    if not os.path.exists(path):
        return None
    try:
        return open_dictionary(path).header
    except UnreadableDictionary:
        console.say("links: the titles that were kept are damaged")
        return None


def file_dictionary(path: str) -> str:
    """Return the path of a learnt dictionary, after looking whether it can be read."""
    from convert.dictionaries.files import open_dictionary

    if not path:
        raise UsageError("--links has an empty name: give batch, wiki, or the file of a dictionary")
    open_dictionary(path)
    return os.path.abspath(path)


def language_remark(path: str, profile: WikiProfile) -> Diagnostic | None:
    """Return what is to be said where a dictionary is in another language than the wiki."""
    from convert.dictionaries.files import open_dictionary

    language = open_dictionary(path, checks=False).language
    if not language or language.partition("-")[0] == profile.language.partition("-")[0]:
        return None
    message = f"the dictionary is in '{language}', and the wiki in '{profile.language}': few of its links will fit"
    return Diagnostic("links-language", 0, 0, message)


def dictionaries(sources: Iterable[str], batch: Callable[[], str], wiki: Callable[[], str]) -> tuple[str, ...]:
    """Return the paths of the dictionaries that are asked for, each once; the functions make those of two sources."""
    made = {BATCH: batch, WIKI: wiki}
    return tuple(made[source]() if source in made else file_dictionary(source) for source in dict.fromkeys(sources))


def sources_of(
    sources: Sequence[str], inputs: Sequence[str], selection: Selection, task: Task, show: SourceReport
) -> tuple[str, ...]:
    """Return the paths of the dictionaries of sources, for a conversion of inputs; what does not fit is shown."""
    profile = task.options.profile
    paths = dictionaries(
        sources, lambda: batch_dictionary(inputs, selection, task, profile), lambda: wiki_dictionary(_account())
    )
    for source, path in zip(dict.fromkeys(sources), paths, strict=True):
        if source not in (BATCH, WIKI) and (remark := language_remark(path, profile)):
            show(source, remark)
    return paths


def checksums_of(paths: Iterable[str]) -> tuple[int, ...]:
    """Return the checksums of dictionaries."""
    from convert.dictionaries.files import open_dictionary

    return tuple(open_dictionary(path, checks=False).header.checksum for path in paths)


def _account() -> WikiAccount:
    """Return the wiki that pages are written for.  Raises UsageError where none is named."""
    ctx = click.get_current_context()
    if not (name := ctx.params.get("wiki")):
        raise UsageError("--links wiki has the titles of the wiki of --wiki, and none is named: name one")
    return wiki_account(ctx, name, {name: ctx.params[name] for name in ACCESS_NAMES if name in ctx.params})
