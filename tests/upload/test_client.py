"""The client reads a real MediaWiki, and saves pages on it."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from convert.upload.client.api import Waiting, WikiUnavailable
from convert.upload.client.credentials import Password
from convert.upload.client.pace import Pace
from convert.upload.client.pages import Edit, RateLimit, Refused, Saved
from convert.upload.client.wiki import Client, ClientOptions
from tests.servers.proxy import Proxy
from tests.servers.wiki import ADMIN, APP, APP_PASSWORD, BOT, BOT_PASSWORD, EDITOR, Wiki

EDITOR_APP = Password(f"{EDITOR}@{APP}", APP_PASSWORD)
ADMIN_APP = Password(f"{ADMIN}@{APP}", APP_PASSWORD)
_titles = (f"Client {number}" for number in itertools.count(1))


@pytest.fixture
def title() -> str:
    """Give a page that no other test has."""
    return next(_titles)


@pytest.fixture(scope="module")
def client(wiki: Wiki) -> Iterator[Client]:
    """Give a client that is signed in."""
    with Client(f"{wiki.address}/api.php", EDITOR_APP) as client:
        yield client


def test_fetch_tells_what_is_there_and_what_may_be_done(wiki: Wiki, client: Client, title: str) -> None:
    wiki.edit(title, "What was thére.")
    wiki.write(action="protect", title=title, protections="edit=sysop")
    (current, _) = wiki.revisions(title)
    otherwise = f"_{title.replace('C', 'c').replace(' ', '__')}"
    asked = [title, otherwise, f"{title} none", "A|B", "", "Special:Version", "Wikipedia:Foo"]
    pages = client.fetch(asked)
    assert list(pages) == asked
    page = pages[title]
    assert (page.exists, page.revision, page.user, page.size, page.text) == (True, current.revid, ADMIN, 16, None)
    assert page.sha1 == current.sha1
    assert page.refusal
    assert page.refusal.code == "protectedpage"
    assert [(each.type, each.level) for each in page.protection] == [("edit", "sysop")]
    assert pages[otherwise] == page
    assert not pages[f"{title} none"].exists
    assert pages[f"{title} none"].refusal is None
    codes = [each.refusal and each.refusal.code for each in list(pages.values())[3:]]
    assert codes == ["invalidtitle", "invalidtitle", "specialpage", "invalidtitle"]


def test_fetch_tells_what_creating_would_be_refused_for(wiki: Wiki, client: Client, title: str) -> None:
    wiki.write(action="protect", title=title, protections="create=sysop")
    refusal = client.fetch([title])[title].refusal
    assert refusal
    assert refusal.code == "protectedpage"


def test_fetch_asks_once_more_for_what_is_not_there(wiki: Wiki, proxy: Proxy, title: str) -> None:
    wiki.write(action="protect", title=f"{title} 7", protections="create=sysop")
    with Client(f"{proxy.address}/api.php", EDITOR_APP) as client:
        for count, requests in ((25, 1), (26, 2)):
            before = proxy.count("query")
            pages = client.fetch([f"{title} {number}" for number in range(count)])
            assert proxy.count("query") - before == requests
            assert [name for name, page in pages.items() if page.refusal] == [f"{title} 7"]


def test_fetch_asks_for_fifty_at_a_time(wiki: Wiki, proxy: Proxy, title: str) -> None:
    wiki.edit(title, "Text.")
    with Client(f"{proxy.address}/api.php", EDITOR_APP) as client:
        before = proxy.count("query")
        # All of them exist: they are one page.
        pages = client.fetch(["_" * number + title for number in range(120)])
    assert len(pages) == 120
    assert all(page.exists for page in pages.values())
    assert proxy.count("query") - before == 3


def test_fetch_gives_all_texts_however_large(wiki: Wiki, client: Client, title: str) -> None:
    texts = {f"{title} {number}": f"{number}{' text' * 200}" for number in range(5)}
    for name, text in texts.items():
        wiki.edit(name, text)
    with wiki.troubled(variables={"wgAPIMaxResultSize": 8192}):
        pages = client.fetch(list(texts), content=True)
    assert {name: page.text for name, page in pages.items()} == texts


def test_revisions_with_their_texts(wiki: Wiki, client: Client, title: str) -> None:
    first, second = (wiki.edit(title, text)["newrevid"] for text in ("One.", "Two."))
    found = client.revisions([first, second, 987654])
    assert {number: (each.text, each.title) for number, each in found.items()} == {
        first: ("One.", title),
        second: ("Two.", title),
    }
    assert found[second].parent == first


def test_page_is_shown_as_it_will_be(client: Client) -> None:
    body, head, _ = client.shown("Client shown", "'''bold''' {{subst:PAGENAME}}")
    assert "<b>bold</b> Client shown" in body
    assert head.startswith("<!DOCTYPE html>")


def test_saved_text_is_the_text_as_the_wiki_keeps_it(wiki: Wiki, client: Client, title: str) -> None:
    saved = client.edit(Edit(title, "Cafe\u0301 \U0001f600 & more\n\n", "A test."))
    assert isinstance(saved, Saved)
    (revision,) = wiki.revisions(title)
    assert revision.text == "Café \U0001f600 & more"
    assert (revision.revid, revision.timestamp) == (saved.revision, saved.timestamp)
    again = client.edit(Edit(title, "Cafe\u0301 \U0001f600 & more", "A test.", base=saved.revision))
    assert again == Saved(saved.revision, saved.timestamp, nochange=True)


def test_merge_by_the_wiki_is_told(wiki: Wiki, client: Client, title: str) -> None:
    lines = [f"Line {number}.\n\n" for number in range(9)]
    base = wiki.edit(title, "".join(lines))["newrevid"]
    wiki.edit(title, "".join(["Theirs.\n\n", *lines[1:]]))
    saved = client.edit(Edit(title, "".join([*lines[:-1], "Ours."]), "A test.", base=base))
    assert isinstance(saved, Saved)
    assert saved.merged
    text = wiki.revisions(title)[0].text
    assert text.startswith("Theirs.")
    assert text.endswith("Ours.")


def test_nothing_left_of_an_edit_is_a_conflict(wiki: Wiki, client: Client, title: str) -> None:
    base = wiki.edit(title, "What was there.")["newrevid"]
    wiki.edit(title, "Theirs.")
    refused = client.edit(Edit(title, "What was there.", "A test.", base=base))
    assert isinstance(refused, Refused)
    assert refused.conflict
    assert wiki.revisions(title)[0].text == "Theirs."


def test_delete(wiki: Wiki, client: Client, title: str) -> None:
    wiki.edit(title, "Text.")
    refused = client.delete(title, "A test.")
    assert refused
    assert refused.code == "permissiondenied"
    with Client(f"{wiki.address}/api.php", ADMIN_APP) as admin:
        assert admin.delete(title, "A test.") is None
        assert admin.delete(title, "A test.") is None
    assert not wiki.revisions(title)


def test_import_is_refused_without_the_right(client: Client) -> None:
    refused = client.import_dump(b"<mediawiki/>", "A test.")
    assert isinstance(refused, Refused)
    assert refused.code == "cantimport-upload"


def test_edits_are_marked(wiki: Wiki, title: str) -> None:
    wiki.maintain("addChangeTag", "--tag=plainwiki", "--reason=A test.")
    options = ClientOptions(bot=True, tags=("plainwiki",))
    with Client(f"{wiki.address}/api.php", Password(BOT, BOT_PASSWORD), options) as client:
        base = wiki.edit(title, "What was there.")["newrevid"]
        assert isinstance(client.edit(Edit(title, "A text.", "A test.", base, minor=True)), Saved)
    found = wiki.api(action="query", list="recentchanges", rctitle=title, rcprop="flags|tags|comment")
    change = found["query"]["recentchanges"][0]
    assert (change["bot"], change["minor"], change["tags"]) == (True, True, ["plainwiki"])
    assert change["comment"] == "A test."


def test_rate_limits_are_kept(wiki: Wiki, title: str) -> None:
    waits: list[Waiting] = []
    limits = {"wgRateLimits": {"edit": {"user": [3, 2]}}, "wgMainCacheType": 1}
    with (
        wiki.troubled(variables=limits),
        Client(f"{wiki.address}/api.php", EDITOR_APP, ClientOptions(concurrency=4), waits.append) as client,
        ThreadPoolExecutor(4) as threads,
    ):
        begun = time.monotonic()
        edits = [Edit(f"{title} {number}", "A text.", "A test.") for number in range(4)]
        assert all(isinstance(each, Saved) for each in threads.map(client.edit, edits))
        assert time.monotonic() - begun >= 3
    # A release that counts each edit twice refuses some, until the limit is halved.
    assert [each.code for each in waits] == ["ratelimited"] * len(waits)
    halved = [each for each in waits if "from now on they are halved: 1 in 2 s" in each.reason]
    assert len(halved) == bool(waits)


@pytest.mark.parametrize(("hits", "told"), [(4, "they are halved: 2 in 9 s"), (1, "it allows 1 in 9 s, and none")])
def test_limit_that_was_kept_and_still_exceeded_is_halved(hits: int, told: str) -> None:
    """So are those of wikis that count an edit twice; one of 1 cannot be, and is told.  It happens once a period."""
    pace = Pace([RateLimit(hits, 9)], lambda seconds: None)
    assert told in pace.exceeded()
    assert not pace.exceeded()


@pytest.mark.differs
def test_no_edit_is_saved_under_a_temporary_account(wiki: Wiki, proxy: Proxy, title: str) -> None:
    """Newer wikis make an account for whoever is not signed in: a user, but not the one who was asserted."""
    with (
        wiki.troubled(variables={"wgAutoCreateTempUser": {"enabled": True}}),
        Client(f"{proxy.address}/api.php", EDITOR_APP) as client,
    ):
        saved = client.edit(Edit(title, "A text.", "A test."))
        wiki.maintain("invalidateUserSessions", "--user", EDITOR)
        again = client.edit(Edit(f"{title} again", "A text.", "A test."))
    assert isinstance(saved, Saved)
    assert isinstance(again, Saved)
    assert {wiki.revisions(name)[0].user for name in (title, f"{title} again")} == {EDITOR}


def test_closing_ends_all_waits(wiki: Wiki, title: str) -> None:
    waiting = threading.Event()
    with (
        Client(f"{wiki.address}/api.php", EDITOR_APP, tell=lambda waits: waiting.set()) as client,
        wiki.troubled(variables={"wgReadOnly": "The database moves."}),
        ThreadPoolExecutor(1) as threads,
    ):
        editing = threads.submit(client.edit, Edit(title, "A text.", "A test."))
        assert waiting.wait(10)
        client.close()
        with pytest.raises(WikiUnavailable, match="was ended"):
            editing.result(10)
