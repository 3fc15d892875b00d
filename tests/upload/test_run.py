"""Uploads to a real wiki: in every mode, against people who edit meanwhile, and through whatever goes wrong."""

from __future__ import annotations

import itertools
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest

from convert import __version__
from convert.errors import UsageError
from convert.upload.client.api import Stopped
from convert.upload.client.credentials import Password
from convert.upload.client.wiki import Client, ClientOptions
from convert.upload.history import undo, verify
from convert.upload.model import Event, UploadOptions
from convert.upload.plan import DesiredPage, Mode, Rules
from convert.upload.plan_store import PlanStore
from convert.upload.run import Upload
from convert.upload.state.state import State
from tests.servers.fake_wiki import Reply
from tests.servers.front import Front, Request
from tests.servers.proxy import Asked, Proxy
from tests.servers.wiki import ADMIN, APP, APP_PASSWORD, BOT, EDITOR, Wiki
from tests.tools.killing import killed

_numbers = itertools.count(1)
OLD = "{{Infobox ship\n| name = Moya\n| year = 1990\n}}\nA ship."
NEW = "{{Infobox ship\n| name = Moya\n| year = 1991\n| crew = 5\n}}\nA fast ship."


class Uploads:
    """Uploads one after the other, with one state; ``events`` are those of the last."""

    def __init__(self, wiki: Wiki, path: Path, user: str = BOT, concurrency: int = 1) -> None:
        self.address = f"{wiki.address}/api.php"
        self.path, self.user, self.app, self.concurrency = str(path), user, APP, concurrency
        self.events: list[Event] = []
        self.run = ""
        #: Is called when the plan is made, before it is applied.
        self.between: Callable[[], object] = lambda: None

    def __call__(
        self,
        pages: Sequence[DesiredPage],
        mode: Mode = "replace",
        overwrite: bool = False,
        as_import: bool = False,
        retry_refused: bool = False,
        summary: str = "",
        **rules: Any,
    ) -> Counter[str]:
        """Upload pages; gives the counts of the plan."""
        self.events = []
        with ExitStack() as stack:
            state, wiki = self.opened(stack)
            rule = Rules(mode, overwrite, **rules)
            options = UploadOptions(rule, summary, retry_refused=retry_refused, as_import=as_import)
            upload = Upload(wiki, state, options, self.events.append)
            steps = stack.enter_context(closing(PlanStore()))
            upload.settle()
            upload.begin(mode)
            self.run = upload.run
            upload.plan(pages, steps)
            self.between()
            upload.apply(steps)
            return steps.counts

    def opened(self, stack: ExitStack) -> tuple[State, Client]:
        """Open the state, and sign in."""
        state = stack.enter_context(closing(State(self.path, self.address)))
        who = Password(f"{self.user}@{self.app}", APP_PASSWORD)
        wiki = stack.enter_context(Client(self.address, who, ClientOptions(concurrency=self.concurrency)))
        state.identify(wiki.site.identity)
        return state, wiki

    @property
    def said(self) -> list[tuple[str, str]]:
        """What became of which page."""
        return [(each.event, each.title) for each in self.events]


@pytest.fixture
def uploads(wiki: Wiki, tmp_path: Path) -> Uploads:
    """Give uploads as a bot."""
    return Uploads(wiki, tmp_path / "state.db")


@pytest.fixture
def titles() -> list[str]:
    """Give titles of pages that no other test has."""
    number = next(_numbers)
    return [f"Upload {number} {letter}" for letter in "ABCDE"]


def _pages(titles: Sequence[str], text: str = OLD) -> list[DesiredPage]:
    return [DesiredPage(title, f"{text} {title}.", f"{title}.txt") for title in titles]


def _texts(wiki: Wiki, titles: Sequence[str]) -> list[list[str]]:
    return [[each.text for each in wiki.revisions(title)] for title in titles]


@pytest.mark.parametrize("concurrency", [1, 4])
def test_second_upload_has_nothing_to_do(wiki: Wiki, uploads: Uploads, titles: list[str], concurrency: int) -> None:
    """Every page is there once, says what it should, and who made it in which run."""
    uploads.concurrency = concurrency
    assert uploads(_pages(titles), "create") == {"create": 5}
    assert sorted(uploads.said) == [("created", title) for title in titles]
    for title in titles:
        (revision,) = wiki.revisions(title)
        assert (revision.text, revision.user) == (f"{OLD} {title}.", BOT)
        assert revision.comment.endswith(f", run {uploads.run}")
    assert uploads(_pages(titles), "create") == {"keep": 5}
    assert not uploads.events


def test_replace_replaces_what_we_wrote_and_not_what_people_edited(
    wiki: Wiki, uploads: Uploads, titles: list[str]
) -> None:
    """Unless that is asked for."""
    titles = titles[:2]
    uploads(_pages(titles))
    wiki.edit(titles[0], "Ann's.")
    assert uploads(_pages(titles, NEW)) == {"conflict": 1, "update": 1}
    assert _texts(wiki, titles)[0][0] == "Ann's."
    assert _texts(wiki, titles)[1] == [f"{text} {titles[1]}." for text in (NEW, OLD)]
    assert uploads(_pages(titles, NEW), overwrite=True) == {"update": 1, "keep": 1}
    assert uploads(_pages(titles, NEW)) == {"keep": 2}


def test_infobox_is_merged_into_what_people_made_of_the_page(wiki: Wiki, uploads: Uploads, titles: list[str]) -> None:
    """Their parameters, their text and their layout stay; what both changed is a conflict."""
    mine, both = titles[:2]
    uploads(_pages([mine, both]))
    page = "{{Infobox ship\n|name   = '''Moya'''\n|hand   = yes\n|year   = %s\n}}\nPeople's ''text''."
    wiki.edit(mine, page % 1990)
    wiki.edit(both, page % 1992)
    assert uploads(_pages([mine, both], NEW), "infobox") == {"update": 1, "conflict": 1}
    merged = (page % 1991).replace("1991\n", "1991\n|crew   = 5\n")
    assert _texts(wiki, [mine])[0][0] == merged
    assert _texts(wiki, [both])[0][0] == page % 1992
    # What people added is no part of what we wrote, so it is not taken out when we write again.
    assert uploads(_pages([mine], NEW.replace("| crew = 5\n", "")), "infobox") == {"update": 1}
    assert _texts(wiki, [mine])[0][0] == page % 1991
    assert uploads(_pages([titles[2]]), "infobox") == {"refuse": 1}


def test_page_changed_between_plan_and_apply_is_not_overwritten(
    wiki: Wiki, uploads: Uploads, titles: list[str]
) -> None:
    """Not if somebody made it, changed it or deleted it; an edit elsewhere in the page stays, too."""
    made, changed, deleted, elsewhere, same = titles
    old = "First.\n\nSecond.\n\nThird.\n\nFourth."
    uploads([DesiredPage(title, old) for title in (changed, deleted, elsewhere)])

    def people() -> None:
        wiki.edit(made, "Ann's.")
        wiki.edit(changed, old.replace("First", "Ann's first"))
        wiki.write(action="delete", title=deleted)
        wiki.edit(elsewhere, old.replace("Fourth", "Ann's fourth"))
        wiki.edit(same, "The same.")

    uploads.between = people
    new = old.replace("First", "Our first")
    wanted = [DesiredPage(title, new) for title in (made, changed, deleted, elsewhere)]
    assert uploads([*wanted, DesiredPage(same, "The same.")]) == {"create": 2, "update": 3}
    assert dict(map(reversed, uploads.said)) == {  # type: ignore[arg-type]
        made: "conflict", changed: "conflict", deleted: "conflict", elsewhere: "merged", same: "created",
    }  # fmt: skip
    texts = _texts(wiki, titles)
    assert texts[0] == ["Ann's."]
    assert texts[1] == [old.replace("First", "Ann's first"), old]
    assert texts[2] == []
    assert texts[3][0] == new.replace("Fourth", "Ann's fourth")
    assert texts[4] == ["The same."]
    uploads.between = lambda: None
    assert uploads([DesiredPage(elsewhere, new)]) == {"keep": 1}


def test_what_may_not_be_written_is_refused_before_it_is_sent(wiki: Wiki, tmp_path: Path, titles: list[str]) -> None:
    """With the wiki's own reason; the rest goes on, and the state has them all."""
    guarded, redirect, free, placed, _ = titles
    wiki.edit(guarded, "Old.")
    wiki.write(action="protect", title=guarded, protections="edit=sysop")
    wiki.write(action="protect", title=placed, protections="create=sysop")
    wiki.edit(redirect, "#REDIRECT [[Port]]")
    uploads = Uploads(wiki, tmp_path / "state.db", EDITOR)
    odd = [DesiredPage("MediaWiki:Sidebar", "x"), DesiredPage("Bad [title]", "x"), DesiredPage("Special:Import", "x")]
    counts = uploads([*_pages([guarded, redirect, free, placed]), *odd, DesiredPage(free.replace(" ", "_"), "Twice.")])
    assert counts == {"create": 1, "refuse": 7}
    codes = {each.title: each.code for each in uploads.events if each.event == "refused"}
    assert codes.pop("MediaWiki:Sidebar").startswith("protectednamespace")
    assert codes == {
        guarded: "protectedpage", redirect: "redirect", placed: "protectedpage", "Bad [title]": "invalidtitle",
        "Special:Import": "specialpage", free: "title-repeated",
    }  # fmt: skip
    assert [each[0] for each in _texts(wiki, [guarded, free])] == ["Old.", f"{OLD} {free}."]
    with closing(sqlite3.connect(uploads.path)) as disk:
        refused = disk.execute("SELECT title, why FROM refusals WHERE run = ?", (uploads.run,)).fetchall()
    # The page whose title was wanted twice is there.
    assert {title for title, why in refused if why} == {guarded, redirect, placed, *(each.title for each in odd)}


def test_text_that_was_refused_is_sent_again_only_if_asked(wiki: Wiki, uploads: Uploads, titles: list[str]) -> None:
    """Or if it is another text; the answer is kept as it came."""
    pages = [DesiredPage(titles[0], "Buy spam"), DesiredPage(titles[1], "Fine.")]
    with wiki.troubled(variables={"wgSpamRegex": ["/Buy/"]}):
        assert uploads(pages) == {"create": 2}
        assert uploads.said == [("refused", titles[0]), ("created", titles[1])]
        assert uploads(pages) == {"refuse": 1, "keep": 1}
        assert "--retry-refused" in uploads.events[0].why
        assert uploads(pages, retry_refused=True) == {"create": 1, "keep": 1}
        with closing(sqlite3.connect(uploads.path)) as disk:
            ((raw,),) = disk.execute("SELECT raw FROM refusals").fetchall()
        assert "Buy" in raw
    assert uploads([DesiredPage(titles[0], "Buy something")]) == {"create": 1}
    assert uploads.said == [("created", titles[0])]


def test_import_writes_many_pages_at_once(wiki: Wiki, tmp_path: Path, titles: list[str]) -> None:
    """And an edit that came between stays on top, as with any other upload."""
    with Proxy(wiki.address) as proxy:
        uploads = Uploads(wiki, tmp_path / "state.db", ADMIN)
        uploads.address = f"{proxy.address}/api.php"
        pages = _pages([*titles, *(f"{titles[0]}{number}" for number in range(60))])
        assert uploads(pages, as_import=True) == {"create": 65}
        assert proxy.count("import") == 2
        assert proxy.count("edit") == 0
        assert uploads(pages, as_import=True) == {"keep": 65}
        assert {each[0] for each in _texts(wiki, titles)} == {f"{OLD} {title}." for title in titles}

        # Of a revision that is only just made, the update goes by an edit: no time is left between.
        time.sleep(2)
        made = f"{titles[0]} made"
        wanted = [*_pages(titles[:2], NEW), DesiredPage(made, "Ours.")]
        uploads.between = lambda: (wiki.edit(made, "Ann's."), wiki.edit(titles[0], "Ann's, too."))
        assert uploads(wanted, as_import=True) == {"update": 2, "create": 1}
        assert proxy.count("edit") == 0
    assert sorted(uploads.said) == [("conflict", titles[0]), ("conflict", made), ("updated", titles[1])]
    texts = _texts(wiki, [*titles[:2], made])
    assert [each[0] for each in texts] == ["Ann's, too.", f"{NEW} {titles[1]}.", "Ann's."]
    uploads.address = f"{wiki.address}/api.php"
    assert uploads(_pages(titles[1:2]), as_import=True) == {"update": 1}
    assert _texts(wiki, titles[1:2])[0][0] == f"{OLD} {titles[1]}."


@pytest.mark.parametrize("limits", [{"upload_max_filesize": "100K"}, {"post_max_size": "100K"}])
def test_dump_that_is_too_large_is_sent_in_halves(
    wiki: Wiki, tmp_path: Path, titles: list[str], limits: dict[str, str]
) -> None:
    """Down to single edits; and later dumps are no larger than what was taken."""
    with wiki.served_with(**limits) as address, Proxy(address) as proxy:
        uploads = Uploads(wiki, tmp_path / "state.db", ADMIN)
        uploads.address = f"{proxy.address}/api.php"
        pages = _pages([f"{titles[0]} {number}" for number in range(30)], "A ship. " * 1_000)
        pages.append(DesiredPage(titles[1], "B ship." * 12_000))
        assert uploads(pages, as_import=True) == {"create": 31}
        assert {event for event, _ in uploads.said} == {"created"}
        assert 3 <= proxy.count("import") < 31
        assert uploads(pages, as_import=True) == {"keep": 31}
    assert [wiki.revisions(page.title)[0].text for page in pages] == [page.text for page in pages]


@pytest.mark.parametrize("closing", [b"", b"<html><h1>413 Request Entity Too Large</h1><hr>nginx/1.26</html>"])
def test_dump_that_is_too_large_for_the_server_in_front_is_sent_in_halves(
    wiki: Wiki, tmp_path: Path, titles: list[str], closing: bytes
) -> None:
    """As by nginx with ``client_max_body_size``; a page that is too large by itself is refused."""

    def limited(request: Request) -> Reply | None:
        return Reply(closing, 413, (("Server", "nginx"),)) if len(request.body) > 100_000 else None

    with Front(f"{wiki.address}/api.php", limited) as front:
        uploads = Uploads(wiki, tmp_path / "state.db", ADMIN)
        uploads.address = f"{front.address}/api.php"
        pages = _pages([f"{titles[0]} {number}" for number in range(20)], "A ship. " * 1_000)
        pages.append(DesiredPage(titles[1], "B ship." * 12_000))
        pages.append(DesiredPage(titles[2], "C ship." * 30_000))
        assert uploads(pages, as_import=True) == {"create": 22}
        (refused,) = (event for event in uploads.events if event.event == "refused")
        assert (refused.title, refused.code) == (titles[2], "http-413")
    assert [wiki.revisions(page.title)[0].text for page in pages[:-1]] == [page.text for page in pages[:-1]]
    assert not wiki.revisions(titles[2])


def test_mark_of_the_run_is_in_the_longest_summary(uploads: Uploads, wiki: Wiki, titles: list[str]) -> None:
    """A wiki cuts what is longer than it keeps."""
    uploads(_pages(titles[:1]), summary="{{é}} " * 100)
    (revision,) = wiki.revisions(titles[0])
    assert revision.comment.endswith(f"… (plainwiki {__version__}, run {uploads.run})")
    assert len(revision.comment) == 500


def test_who_may_not_import_is_told(uploads: Uploads, titles: list[str]) -> None:
    """Before anything is planned."""
    with pytest.raises(UsageError, match="Bot may not import pages there"):
        uploads(_pages(titles), as_import=True)


def test_run_is_undone_where_nobody_edited_since(wiki: Wiki, tmp_path: Path, titles: list[str]) -> None:
    """What it made is deleted, what it changed is as before, and a second time there is nothing left to do."""
    new, changed, edited, same, _ = titles
    uploads, people = Uploads(wiki, tmp_path / "state.db", ADMIN), Uploads(wiki, tmp_path / "people.db", BOT)
    people([DesiredPage(title, "Before.") for title in (changed, edited)])
    uploads.between = lambda: people([DesiredPage(same, f"{OLD} {same}.")])
    uploads(_pages([new, changed, edited, same]))
    people([DesiredPage(edited, "Ann's.")], overwrite=True)
    for expected in ({"deleted": 1, "reverted": 1, "refused": 2}, {"refused": 2}):
        with ExitStack() as stack:
            state, client = uploads.opened(stack)
            assert undo(client, state, uploads.run, uploads.events.append) == expected
    assert _texts(wiki, [new, changed, edited, same]) == [
        [],
        ["Before.", f"{OLD} {changed}.", "Before."],
        ["Ann's.", f"{OLD} {edited}.", "Before."],
        [f"{OLD} {same}."],
    ]
    assert {each.why for each in uploads.events[-2:]} == {f"{BOT} edited it since"}


def test_deleting_needs_the_right(uploads: Uploads, titles: list[str]) -> None:
    """Whoever has it not is told, page by page."""
    uploads(_pages(titles[:1]))
    with ExitStack() as stack:
        state, client = uploads.opened(stack)
        assert undo(client, state, uploads.run, uploads.events.append) == {"refused": 1}
    assert "may not delete" in uploads.events[-1].why


def test_verify_compares_what_is_there(wiki: Wiki, uploads: Uploads, titles: list[str]) -> None:
    """Everything that was ever written and not undone."""
    uploads(_pages(titles[:3]))
    wiki.edit(titles[0], "Ann's.")
    wiki.write(action="delete", title=titles[1])
    with ExitStack() as stack:
        state, client = uploads.opened(stack)
        assert verify(client, state, uploads.events.append) == {"changed": 1, "gone": 1, "same": 1}
    assert [(each.event, each.title) for each in uploads.events[-3:]] == [
        ("changed", titles[0]), ("gone", titles[1]), ("same", titles[2]),
    ]  # fmt: skip
    assert uploads.events[-2].why.startswith(f"it was deleted since we wrote it ({ADMIN}, 2")


def test_signature_is_put_in_once(wiki: Wiki, uploads: Uploads, titles: list[str]) -> None:
    """What the wiki changes when it saves is no reason to save again."""
    pages = [DesiredPage(titles[0], "Signed: ~~~~", model="")]
    assert uploads(pages) == {"create": 1}
    assert uploads(pages) == {"keep": 1}
    assert BOT in _texts(wiki, titles)[0][0]


class _Block:
    """Blocks an account before the third edit, and lets nobody in meanwhile."""

    def __init__(self, wiki: Wiki, user: str) -> None:
        self.wiki, self.user, self.edits = wiki, user, 0

    def __call__(self, asked: Asked) -> None:
        self.edits += asked.action == "edit"
        if asked.action == "edit" and self.edits == 3:
            self.wiki.write(action="block", user=self.user, reason="A test.")


def test_blocked_in_the_middle_and_gone_on_with(wiki: Wiki, tmp_path: Path, titles: list[str]) -> None:
    """The run stops at once; when the account may edit again, it goes on under its name."""
    uploads = Uploads(wiki, tmp_path / "state.db", EDITOR)
    with Proxy(wiki.address) as proxy:
        uploads.address = f"{proxy.address}/api.php"
        proxy.faults = _Block(wiki, EDITOR)
        with pytest.raises(Stopped, match="blocked"):
            uploads(_pages(titles))
        assert proxy.count("edit") == 3
        first = uploads.run
        with pytest.raises(Stopped, match=f"{EDITOR} may not edit: .*: ask an administrator to unblock"):
            uploads(_pages(titles))
        wiki.write(action="unblock", user=EDITOR)
        assert uploads(_pages(titles)) == {"keep": 2, "create": 3}
        assert uploads.run == first
    assert [len(each) for each in _texts(wiki, titles)] == [1] * 5


def test_password_revoked_in_the_middle(wiki: Wiki, tmp_path: Path, titles: list[str]) -> None:
    """The run stops, saves nothing as somebody else, and goes on with a new password."""
    name, grants = "Revoked", "--grants=basic,editpage,createeditmovepage"
    wiki.maintain("createAndPromote", name, "a revoked horse battery")
    wiki.maintain("createBotPassword", f"--appid={APP}", grants, name, APP_PASSWORD)
    uploads = Uploads(wiki, tmp_path / "state.db", name)
    uploads.between = lambda: [
        wiki.maintain(script, "--user", name) for script in ("invalidateBotPasswords", "invalidateUserSessions")
    ]
    with pytest.raises(Stopped, match=f"cannot sign in to 127.0.0.1 with {name}@{APP}: "):
        uploads(_pages(titles))
    assert _texts(wiki, titles) == [[]] * 5
    wiki.maintain("createBotPassword", "--appid=again", grants, name, APP_PASSWORD)
    uploads.between, uploads.app = (lambda: None), "again"
    assert uploads(_pages(titles)) == {"create": 5}
    assert {wiki.revisions(title)[0].user for title in titles} == {name}


def test_session_lost_in_the_middle(wiki: Wiki, uploads: Uploads, titles: list[str]) -> None:
    """It signs in again, and nothing is saved as somebody else."""
    uploads.between = lambda: wiki.maintain("invalidateUserSessions", "--user", BOT)
    assert uploads(_pages(titles)) == {"create": 5}
    assert {wiki.revisions(title)[0].user for title in titles} == {BOT}


def test_planning_asks_fifty_titles_at_a_time(wiki: Wiki, tmp_path: Path) -> None:
    """So that 10,000 unchanged pages are 200 requests, and a few to sign in."""
    pages = [DesiredPage(f"Plan {number}", f"Page {number}.") for number in range(60)]
    with Proxy(wiki.address) as proxy:
        uploads = Uploads(wiki, tmp_path / "state.db", ADMIN)
        uploads.address = f"{proxy.address}/api.php"
        uploads(pages, as_import=True)
        before = len(proxy.asked)
        uploads.user = EDITOR
        assert uploads(pages) == {"keep": 60}
        assert len(proxy.asked) - before <= 2 + 10


@pytest.mark.parametrize("concurrency", [1, 4])
def test_killed_upload_writes_each_page_once(wiki: Wiki, tmp_path: Path, concurrency: int) -> None:
    """Killed at random, with a fault on every tenth request, it goes on until everything is there, once."""
    killed(wiki, tmp_path, pages=25, kills=2, seed=concurrency, concurrency=concurrency)


def test_killed_import_writes_each_page_once(wiki: Wiki, tmp_path: Path) -> None:
    """So does one of many pages at a time."""
    killed(wiki, tmp_path, pages=55, kills=2, seed=0, as_import=True)


@pytest.fixture(autouse=True)
def _calm(wiki: Wiki) -> Iterator[None]:
    """Leave nothing switched on for the next test."""
    yield
    wiki.calm()
