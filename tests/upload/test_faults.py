"""Whatever goes wrong on the way to the wiki, a page is saved once, and no secret shows."""

from __future__ import annotations

import itertools
import logging
import threading
import time
import traceback
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from convert.errors import EnvironmentFailed
from convert.upload.client.api import Waiting, WikiUnavailable
from convert.upload.client.credentials import Password
from convert.upload.client.pages import Edit, Refused, Saved
from convert.upload.client.wiki import Client, ClientOptions
from convert.writers.export import base36_sha1
from tests.servers.proxy import Asked, Fault, Once, Proxy, every
from tests.servers.wiki import ADMIN, APP, APP_PASSWORD, EDITOR, EDITOR_PASSWORD, Wiki

EDITOR_APP = Password(f"{EDITOR}@{APP}", APP_PASSWORD)
ADMIN_APP = Password(f"{ADMIN}@{APP}", APP_PASSWORD)
#: Some faults are noticed only when the time is over.
QUICK = ClientOptions(timeout_s=1.5)
#: After these, there is nothing to be tried again.
FINAL = {Fault.REDIRECT, Fault.FORBIDDEN, Fault.ECHO}
#: These take their time.
SLOW = {Fault.DELAY, Fault.DRIP, Fault.HEAD_DRIP}
#: In their answers may stand what was asked.
SPEAKING = (Fault.ECHO, Fault.CLOSED, Fault.REDIRECT, Fault.FORBIDDEN)
_titles = (f"Fault {number}" for number in itertools.count(1))


@pytest.fixture
def title() -> str:
    """Give a page that no other test has."""
    return next(_titles)


@pytest.fixture
def client(proxy: Proxy) -> Iterator[Client]:
    """Give a client that is signed in."""
    with Client(f"{proxy.address}/api.php", EDITOR_APP) as client:
        yield client


@pytest.mark.parametrize("fault", [each for each in Fault if each not in FINAL], ids=lambda fault: fault.name)
def test_page_is_saved_once_whatever_goes_wrong(fault: Fault, wiki: Wiki, proxy: Proxy, title: str) -> None:
    base = wiki.edit(title, "One.")["newrevid"]
    actions = ("query", "edit") if fault in SLOW else ("login", "query", "edit", "import")
    faults = {action: Once(action, fault) for action in actions}
    proxy.faults = lambda asked: faults[asked.action](asked) if asked.action in faults else None
    options = QUICK if fault in SLOW else ClientOptions()
    with Client(f"{proxy.address}/api.php", ADMIN_APP, options) as client:
        saved = client.edit(Edit(title, "Two.", "A test.", base=base))
        added = client.import_dump(_dump(f"{title} imported"), "A test.")
    # Of a dump that was sent again, nothing is new.
    assert added in ({f"{title} imported": 1}, {f"{title} imported": 0})
    assert [each.text for each in wiki.revisions(title)] == ["Two.", "One."]
    assert saved == Saved(wiki.revisions(title)[0].revid, wiki.revisions(title)[0].timestamp)
    assert wiki.revisions(title)[0].user == ADMIN
    imported = [each for each in wiki.revisions(f"{title} imported") if each.user != ADMIN]
    assert len(imported) == 1
    assert all(each.met for each in faults.values())


@pytest.mark.parametrize("fault", [Fault.RESET_BEFORE, Fault.RESET_AFTER], ids=lambda fault: fault.name)
def test_page_is_deleted_once(fault: Fault, wiki: Wiki, proxy: Proxy, title: str) -> None:
    wiki.edit(title, "One.")
    proxy.faults = Once("delete", fault)
    with Client(f"{proxy.address}/api.php", ADMIN_APP) as client:
        assert client.delete(title, "A test.") is None
    found = wiki.api(action="query", list="logevents", letype="delete", letitle=title)
    assert len(found["query"]["logevents"]) == 1


def test_many_pages_are_saved_once_with_a_fault_on_every_third_request(wiki: Wiki, proxy: Proxy, title: str) -> None:
    lossy = [Fault.RESET_AFTER, Fault.CUT, Fault.RESET_BEFORE, Fault.GATEWAY, Fault.CLOSED, Fault.BUSY_503]
    titles = [f"{title} {number}" for number in range(30)]
    with Client(f"{proxy.address}/api.php", EDITOR_APP, ClientOptions(concurrency=4)) as client:
        proxy.faults = every(3, *lossy)
        with ThreadPoolExecutor(4) as threads:
            saved = list(threads.map(client.edit, [Edit(each, f"Text of {each}.", "A test.") for each in titles]))
    for name, each in zip(titles, saved, strict=True):
        (revision,) = wiki.revisions(name)
        assert each == Saved(revision.revid, revision.timestamp)
        assert (revision.text, revision.user) == (f"Text of {name}.", EDITOR)


def test_edit_that_arrives_after_all_is_no_conflict(wiki: Wiki, proxy: Proxy, title: str) -> None:
    """The first try is still on its way when the page is read back, and is saved before the second."""
    late = threading.Event()

    def altered(asked: Asked, body: bytes) -> bytes:
        if asked.action == "edit" and not late.is_set():
            late.set()
            time.sleep(1.9)
        return body

    proxy.alter = altered
    with Client(f"{proxy.address}/api.php", EDITOR_APP, QUICK) as client:
        saved = client.edit(Edit(title, "A text.", "A test."))
    (revision,) = wiki.revisions(title)
    assert saved == Saved(revision.revid, revision.timestamp)


def test_page_that_breaks_every_answer_does_not_stop_the_others(proxy: Proxy, client: Client, title: str) -> None:
    proxy.faults = lambda asked: Fault.RESET_BEFORE if asked.fields.get("title") == title else None
    refused = client.edit(Edit(title, "A text.", "A test."))
    assert isinstance(refused, Refused)
    assert refused.code == "unanswered"
    assert isinstance(client.edit(Edit(f"{title} too", "A text.", "A test.")), Saved)


def test_page_that_is_not_let_through_is_refused(proxy: Proxy, client: Client, title: str) -> None:
    proxy.faults = Once("edit", Fault.FORBIDDEN)
    refused = client.edit(Edit(title, "A text.", "A test."))
    assert isinstance(refused, Refused)
    assert refused.code == "http-403"


def test_nothing_that_is_let_through_ends_the_run(proxy: Proxy, client: Client, title: str) -> None:
    proxy.faults = every(1, Fault.FORBIDDEN)
    with pytest.raises(EnvironmentFailed, match="http-403"):
        client.edit(Edit(title, "A text.", "A test."))


def test_unknown_error_refuses_the_page_and_is_kept(proxy: Proxy, client: Client, title: str) -> None:
    proxy.faults = Once("edit", Fault.ECHO)
    refused = client.edit(Edit(title, "A text.", "A test."))
    assert isinstance(refused, Refused)
    assert refused.code == "echo"
    assert '"echo"' in refused.raw
    assert proxy.count("edit") == 1


@pytest.mark.parametrize("asked", ["0", "1", "Thu, 01 Jan 1970 00:00:00 GMT"])
def test_waits_as_long_as_it_is_asked(asked: str, proxy: Proxy, title: str) -> None:
    waits: list[Waiting] = []
    proxy.retry_after = asked
    with Client(f"{proxy.address}/api.php", EDITOR_APP, tell=waits.append) as client:
        proxy.faults = Once("edit", Fault.BUSY_429, times=2)
        assert isinstance(client.edit(Edit(title, "A text.", "A test.")), Saved)
    assert [each.seconds for each in waits] == [1.0 if asked == "1" else 0.0] * 2


@pytest.mark.parametrize("fault", [Fault.BUSY_429, Fault.RESET_AFTER], ids=lambda fault: fault.name)
def test_patience_ends(fault: Fault, proxy: Proxy, title: str) -> None:
    proxy.retry_after = "3600"
    with Client(f"{proxy.address}/api.php", EDITOR_APP, ClientOptions(patience_s=1)) as client:
        proxy.faults = every(1, fault)
        with pytest.raises(WikiUnavailable, match="start again later") as unavailable:
            client.edit(Edit(title, "A text.", "A test."))
    assert unavailable.value.exit_status == 3


@pytest.mark.parametrize("action", ["login", "clientlogin", "query", "edit"])
def test_no_secret_shows(action: str, proxy: Proxy, title: str, caplog: pytest.LogCaptureFixture) -> None:
    # A new one, as at every start: what is no longer to be shown is forgotten after each test.
    account = (EDITOR, EDITOR_PASSWORD) if action == "clientlogin" else (EDITOR_APP.login, APP_PASSWORD)
    login = Password(*account)
    shown: list[object] = []
    for fault in SPEAKING:
        options = ClientOptions(patience_s=0)
        client = Client(f"{proxy.address}/api.php", login, options, shown.append)
        proxy.faults = _only(action, fault)
        try:
            with caplog.at_level(logging.DEBUG), client:
                shown.append(client.edit(Edit(f"{title} {fault.name}", "A text.", "A test.")))
        except EnvironmentFailed as error:
            shown += [error, *traceback.format_exception(error)]
        shown.append(client.__dict__)
    secrets = {each.fields[name] for each in proxy.asked for name in ("token", "lgtoken") if name in each.fields}
    text = "\n".join([caplog.text, *map(repr, shown), *map(str, shown), repr(login)])
    assert len(shown) >= 2 * len(SPEAKING)
    assert not [secret for secret in (login.password, *secrets) if secret in text]


def _only(action: str, fault: Fault) -> Once:
    return Once(action, fault, times=99)


def _dump(title: str) -> bytes:
    revision = "<revision><timestamp>2021-03-04T05:06:07Z</timestamp><contributor><username>Somebody</username>"
    text = "<model>wikitext</model><format>text/x-wiki</format><text>Imported.</text>"
    known = f"<sha1>{base36_sha1(b'Imported.')}</sha1>"
    page = f"<page><title>{title}</title><ns>0</ns>{revision}</contributor>{text}{known}</revision></page>"
    return f'<mediawiki xmlns="http://www.mediawiki.org/xml/export-0.11/" version="0.11">{page}</mediawiki>'.encode()
