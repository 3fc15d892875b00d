"""What people decided stands: they delete, move and edit pages, and the state file is lost, elsewhere, or old."""

from __future__ import annotations

import itertools
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from convert.errors import EnvironmentFailed
from convert.profile import WikiProfile
from convert.upload.history import undo
from convert.upload.merging.earlier import written_values
from convert.upload.merging.names import MergeRules
from convert.upload.plan import DesiredPage, Mode, WrittenPage
from convert.upload.planning.own_past import is_marked
from convert.upload.state.state import State
from tests.servers.wiki import ADMIN, EDITOR, Wiki
from tests.upload.test_run import NEW, OLD, Uploads

_numbers = itertools.count(1)


@pytest.fixture
def title() -> str:
    """Give a title that no other test has."""
    return f"Decided {next(_numbers)}"


@pytest.fixture
def uploads(wiki: Wiki, tmp_path: Path) -> Uploads:
    """Give uploads as a bot."""
    return Uploads(wiki, tmp_path / "state.db")


def _lose(uploads: Uploads) -> None:
    uploads.path = f"{uploads.path}+"


def _keep(uploads: Uploads) -> None:
    """Leave the state file as it is."""


def _why(uploads: Uploads) -> str:
    (event,) = (event for event in uploads.events if event.event == "conflict")
    return event.why


STATES = pytest.mark.parametrize("state", [_keep, _lose])
Change = Callable[[Uploads], None]


# ── Deleted and moved


@STATES
@pytest.mark.parametrize("mode", ["create", "replace"])
def test_page_that_was_deleted_is_made_again_only_if_asked(
    wiki: Wiki, uploads: Uploads, title: str, mode: Mode, state: Change
) -> None:
    """The conflict names who deleted it, when and why."""
    uploads([DesiredPage(title, OLD)])
    wiki.write(action="delete", title=title, reason="copyright violation")
    state(uploads)
    assert uploads([DesiredPage(title, NEW)], mode) == {"conflict": 1}
    assert f"deleted since we wrote it ({ADMIN}, 2" in _why(uploads)
    assert ": copyright violation): --recreate makes it again" in _why(uploads)
    assert not wiki.revisions(title)
    assert uploads([DesiredPage(title, NEW)], mode, recreate=True) == {"create": 1}
    assert wiki.revisions(title)[0].text == NEW
    assert uploads([DesiredPage(title, NEW)], mode) == {"keep": 1}


@STATES
def test_page_that_others_wrote_and_we_replaced_is_not_made_again(
    wiki: Wiki, tmp_path: Path, title: str, state: Change
) -> None:
    """Where our account may see deleted revisions."""
    uploads = Uploads(wiki, tmp_path / "state.db", ADMIN)
    wiki.edit(title, "Ann's.")
    uploads([DesiredPage(title, OLD)])
    wiki.write(action="delete", title=title, reason="spam")
    state(uploads)
    assert uploads([DesiredPage(title, NEW)]) == {"conflict": 1}
    assert "spam" in _why(uploads)


def test_page_that_we_never_wrote_is_made_whatever_was_deleted_there(wiki: Wiki, uploads: Uploads, title: str) -> None:
    wiki.edit(title, "Ann's.")
    wiki.write(action="delete", title=title, reason="copyright violation")
    assert uploads([DesiredPage(title, OLD)]) == {"create": 1}


def test_page_that_our_own_undo_deleted_is_made_again(wiki: Wiki, tmp_path: Path, title: str) -> None:
    """With the state and without it: nobody else decided anything."""
    uploads = Uploads(wiki, tmp_path / "state.db", ADMIN)
    uploads([DesiredPage(title, OLD)])
    with ExitStack() as stack:
        state, client = uploads.opened(stack)
        assert undo(client, state, uploads.run, uploads.events.append) == {"deleted": 1}
    _lose(uploads)
    assert uploads([DesiredPage(title, OLD)]) == {"create": 1}


def test_page_that_is_missing_without_a_word_is_a_conflict(wiki: Wiki, uploads: Uploads, title: str) -> None:
    with ExitStack() as stack:
        state, _ = uploads.opened(stack)
        state.keep(title, WrittenPage(9, "", OLD))
    assert uploads([DesiredPage(title, OLD)]) == {"conflict": 1}
    assert "the wiki's log does not say who did it: --recreate makes it again" in _why(uploads)


@STATES
@pytest.mark.parametrize("redirect", [True, False])
def test_page_that_was_moved_is_a_conflict_or_followed(
    wiki: Wiki, uploads: Uploads, title: str, redirect: bool, state: Change
) -> None:
    """With a redirect or without; both choices are named."""
    uploads([DesiredPage(title, OLD)])
    target = f"{title} moved"
    move = {"action": "move", "from": title, "to": target, "reason": "its name"}
    wiki.write(**(move if redirect else {**move, "noredirect": "1"}))
    state(uploads)
    assert uploads([DesiredPage(title, NEW)]) == {"conflict": 1}
    assert f"it was moved to '{target}' since we wrote it ({ADMIN}, 2" in _why(uploads)
    assert ": its name): --follow-moves writes there, --recreate makes it again here" in _why(uploads)
    assert uploads([DesiredPage(title, NEW)], follow_moves=True) == {"update": 1}
    assert wiki.revisions(target)[0].text == NEW
    assert len(wiki.revisions(title)) == redirect
    assert uploads([DesiredPage(title, NEW)], follow_moves=True) == {"keep": 1}
    wiki.edit(target, "Ann's.")
    assert uploads([DesiredPage(title, OLD)], follow_moves=True) == {"conflict": 1}
    assert uploads([DesiredPage(title, OLD)], recreate=True) == {"update" if redirect else "create": 1}
    assert [wiki.revisions(name)[0].text for name in (title, target)] == [OLD, "Ann's."]


def test_page_that_was_moved_twice_and_then_deleted_is_a_conflict(wiki: Wiki, uploads: Uploads, title: str) -> None:
    uploads([DesiredPage(title, OLD)])
    wiki.write(**{"action": "move", "from": title, "to": f"{title} b"})
    wiki.write(**{"action": "move", "from": f"{title} b", "to": f"{title} c"})
    assert uploads([DesiredPage(title, NEW)], follow_moves=True) == {"update": 1}
    assert wiki.revisions(f"{title} c")[0].text == NEW
    wiki.write(action="delete", title=f"{title} c", reason="enough")
    assert uploads([DesiredPage(title, NEW)], follow_moves=True) == {"conflict": 1}
    assert "enough" in _why(uploads)


def test_redirect_that_people_wrote_is_refused_as_before(wiki: Wiki, uploads: Uploads, title: str) -> None:
    wiki.edit(title, "#REDIRECT [[Port]]")
    assert uploads([DesiredPage(title, OLD)]) == {"refuse": 1}


def test_title_whose_page_is_no_wikitext_is_refused(wiki: Wiki, tmp_path: Path, title: str) -> None:
    """However its namespace is spelled, as an article and as it is; so is a text of the interface."""
    uploads = Uploads(wiki, tmp_path / "state.db", ADMIN)
    name = title.replace(" ", "")
    scripts = [
        f"MediaWiki:Gadget-{name}.js", f"mediawiki:{name}.css", f"MEDIAWIKI :_{name}.json", f"User:Admin/{name}.js",
        f"user:admin/{name}.css", f"User:Admin/{name}/data.json", f"Module:{name}", f"module:{name}/data",
    ]  # fmt: skip
    for model in ("wikitext", ""):
        assert uploads([DesiredPage(script, "{}", model=model) for script in scripts]) == {"refuse": len(scripts)}
        assert {event.code for event in uploads.events} == {"contentmodel"}
    assert uploads([DesiredPage(f"mediaWiki:{name}", "Words.")]) == {"refuse": 1}
    assert uploads.events[-1].why == "it is a text of the wiki's interface: allow it with --scripts"
    texts = [f"User:Admin/{name}", f"Module talk:{name}", f"{name}.js", f"Project:{name}.css"]
    assert uploads([DesiredPage(text, "Words.") for text in texts]) == {"create": len(texts)}
    assert uploads([DesiredPage(script, "{}", model="") for script in scripts[:3]], scripts=True) == {"create": 3}
    assert wiki.revisions(f"MediaWiki:Gadget-{name}.js")[0].text == "{}"


# ── Our own edits, without the state


def test_replace_spares_an_edit_of_a_person_whatever_became_of_the_state(
    wiki: Wiki, uploads: Uploads, title: str
) -> None:
    """It replaces what we wrote last ourselves, and what we never wrote."""
    ours, theirs, by_hand, never = (f"{title} {letter}" for letter in "ABCD")
    pages = [DesiredPage(name, OLD) for name in (ours, theirs, by_hand)]
    uploads(pages)
    wiki.edit(theirs, "Ann's.")
    wiki.edit(never, "Ann's.")
    _lose(uploads)
    new = [DesiredPage(name, NEW) for name in (ours, theirs, by_hand, never)]
    assert uploads(new) == {"update": 3, "conflict": 1}
    assert _why(uploads) == f"{ADMIN} edited it since we wrote it: merge by hand, or give --overwrite"
    assert wiki.revisions(theirs)[0].text == "Ann's."
    _lose(uploads)
    assert uploads([DesiredPage(theirs, NEW)], overwrite=True) == {"update": 1}


def test_edit_by_hand_under_our_own_account_is_a_persons(wiki: Wiki, tmp_path: Path, title: str) -> None:
    uploads = Uploads(wiki, tmp_path / "state.db", ADMIN)
    uploads([DesiredPage(title, OLD)])
    wiki.edit(title, "By hand.")
    _lose(uploads)
    assert uploads([DesiredPage(title, NEW)]) == {"conflict": 1}


def test_other_machine_goes_on_where_another_one_ended(wiki: Wiki, uploads: Uploads, title: str) -> None:
    """Its state is old, and does not make a conflict of what we wrote elsewhere."""
    first = uploads.path
    uploads([DesiredPage(title, OLD)])
    uploads.path = f"{first} of another machine"
    assert uploads([DesiredPage(title, NEW)]) == {"update": 1}
    uploads.path = first
    assert uploads([DesiredPage(title, OLD)]) == {"update": 1}
    uploads.path = f"{first} of another machine"
    wiki.edit(title, "Ann's.")
    assert uploads([DesiredPage(title, NEW)]) == {"conflict": 1}


def test_other_address_of_a_wiki_is_the_same_wiki(wiki: Wiki, uploads: Uploads, title: str) -> None:
    """Known by what it says of itself; runs made under one address are known under the other."""
    uploads([DesiredPage(title, OLD)])
    run = uploads.run
    uploads.address = uploads.address.replace("127.0.0.1", "localhost")
    wiki.edit(title, "Ann's.")
    assert uploads([DesiredPage(title, NEW)]) == {"conflict": 1}
    with ExitStack() as stack:
        state, client = uploads.opened(stack)
        assert [each.id for each in state.runs()] == [run]
        assert undo(client, state, run, uploads.events.append) == {"refused": 1}


def test_infobox_is_merged_by_what_our_own_edits_said(wiki: Wiki, uploads: Uploads, title: str) -> None:
    """What people changed stays, what they left is ours to change, and what was never ours is not taken out."""
    mine, both = f"{title} A", f"{title} B"
    page = "{{Infobox ship\n| name = Moya\n| hand = yes\n| year = \n}}\nPeople's."
    for name in (mine, both):
        wiki.edit(name, page)
    old = OLD.replace("| name = Moya\n", "")
    assert uploads([DesiredPage(mine, old), DesiredPage(both, old)], "infobox") == {"update": 2}
    filled = page.replace("year = ", "year = 1990")
    wiki.edit(both, filled.replace("1990", "1992"))
    _lose(uploads)
    new = NEW.replace("| name = Moya\n", "")
    assert uploads([DesiredPage(mine, new), DesiredPage(both, new)], "infobox") == {"update": 1, "conflict": 1}
    assert "year is '1992' on the page and '1991' in the article (it was '1990')" in _why(uploads)
    assert wiki.revisions(mine)[0].text == filled.replace("1990", "1991\n| crew = 5")
    _lose(uploads)
    assert uploads([DesiredPage(mine, "{{Infobox ship\n| year = 1991\n}}")], "infobox") == {"update": 1}
    assert wiki.revisions(mine)[0].text == filled.replace("1990", "1991")


def test_account_with_more_edits_than_are_listed_is_asked_page_by_page(
    wiki: Wiki, tmp_path: Path, title: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("convert.upload.client.queries.past.MOST_ANSWERS", 1)
    monkeypatch.setattr("convert.upload.client.queries.past.MOST_LISTED", "2")
    uploads = Uploads(wiki, tmp_path / "state.db", EDITOR)
    names = [f"{title} {letter}" for letter in "ABCDEF"]
    uploads([DesiredPage(name, OLD) for name in names])
    wiki.edit(names[0], "Ann's.")
    wiki.write(action="delete", title=names[1], reason="spam")
    _lose(uploads)
    assert uploads([DesiredPage(name, NEW) for name in names]) == {"conflict": 2, "update": 4}


def test_summaries_of_ours_are_known() -> None:
    """And no others."""
    for ours in (
        "plainwiki 1.2, run 0a1b2c3d",
        "From [[here]] (plainwiki 1.2.0, run x)",
        "undo of run 7 (plainwiki 1)",
    ):
        assert is_marked(ours)
    for theirs in ("", "plainwiki is nice", "long run", "undo of run 7", "I let plainwiki run amok"):
        assert not is_marked(theirs)


def test_base_of_a_merge_has_what_our_edits_changed() -> None:
    """Not what stood there before; what an edit took out is not ours any more."""
    edits = [
        ("{{Infobox ship|a=1|b=2}}", "{{Infobox ship|a=1|b=3|c=4}}"),
        ("{{Infobox ship|a=9|b=3|c=4}}", "{{Infobox ship|a=9|b=3|d=5}}"),
        ("{{Infobox boat|d=5}}", "{{Infobox raft|d=5|e=6}}"),
    ]
    written = written_values(edits, WikiProfile(), MergeRules())
    assert written == "{{Infobox ship\n| b = 3\n| d = 5\n}}\n{{Infobox raft\n| e = 6\n}}"
    assert written_values([("", "{{Infobox ship|a=1}} {{Infobox ship|a=2}}")], WikiProfile(), MergeRules()) == ""


# ── Which wiki it is

OTHERS = ("wiki 127.0.0.1 2026-01-01T00:00:00Z", "wiki 127.0.0.1 2027-01-01T00:00:00Z")


def test_what_was_recorded_under_two_addresses_is_put_together(tmp_path: Path) -> None:
    """Of a page that both have, the newer revision counts."""
    path = str(tmp_path / "state.db")
    for number, api in enumerate(("http://a/api.php", "http://b/api.php"), 1):
        with closing(State(path, api)) as state:
            state.keep("Both", WrittenPage(number, "", str(number)))
            state.keep(api, WrittenPage(number, "", ""))
    for api in ("http://a/api.php", "http://b/api.php"):
        with closing(State(path, api)) as state:
            state.identify(OTHERS[0])
    for api in ("http://a/api.php", "http://b/api.php"):
        with closing(State(path, api)) as state:
            assert state.written(["Both"]) == {"Both": WrittenPage(2, "", "2")}
            assert len(list(state.pages())) == 3


def test_new_wiki_at_an_old_address_begins_anew(tmp_path: Path) -> None:
    """And the old one is not forgotten; one that only got another name is the same."""
    path, api = str(tmp_path / "state.db"), "http://a/api.php"
    with closing(State(path, api)) as state:
        state.identify(OTHERS[0])
        state.keep("Moya", WrittenPage(1, "", ""))
        state.identify(OTHERS[1])
        assert not state.written(["Moya"])
        state.identify(OTHERS[0])
        assert state.written(["Moya"])
        state.identify(OTHERS[0].replace("127.0.0.1", "wiki.example"))
        assert state.written(["Moya"])


def test_reader_of_the_state_changes_nothing(tmp_path: Path) -> None:
    path = str(tmp_path / "state.db")
    with closing(State(path, "http://a/api.php")) as state:
        state.identify(OTHERS[0])
        state.keep("Moya", WrittenPage(1, "", ""))
    with closing(State(path, "http://b/api.php", read_only=True)) as state:
        state.identify(OTHERS[0])
        assert state.written(["Moya"])
    with closing(State(path, "http://b/api.php")) as state:
        assert not state.written(["Moya"])


def test_two_runs_on_one_wiki_exclude_each_other_under_two_addresses(tmp_path: Path) -> None:
    path = str(tmp_path / "state.db")
    opening = (
        "import sys; from convert.upload.state.state import State\n"
        f"state = State({path!r}, 'http://b/api.php'); state.identify({OTHERS[0]!r}); print('open', flush=True)\n"
        "sys.stdin.read()"
    )
    other = subprocess.Popen([sys.executable, "-c", opening], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert other.stdout
    assert other.stdout.readline() == "open\n"
    with closing(State(path, "http://a/api.php")) as state, pytest.raises(EnvironmentFailed, match="another run"):
        state.identify(OTHERS[0])
    other.communicate("")


def test_state_of_the_first_version_is_taken_over(tmp_path: Path) -> None:
    """What it knew by address it knows still."""
    path = str(tmp_path / "state.db")
    with closing(State(path, "http://a/api.php")) as state:
        run, _ = state.begin("Bot", "x")
        state.keep("Moya", WrittenPage(1, "", "A ship."))
    with closing(sqlite3.connect(path)) as disk, disk:
        for statement in (
            "ALTER TABLE wikis RENAME TO newer", "DROP TABLE addresses", "DROP TABLE sources",
            "CREATE TABLE wikis (id INTEGER PRIMARY KEY, api TEXT NOT NULL UNIQUE)",
            "INSERT INTO wikis SELECT id, identity FROM newer", "DROP TABLE newer", "PRAGMA user_version = 1",
        ):  # fmt: skip
            disk.execute(statement)
    with closing(State(path, "http://a/api.php")) as state:
        state.identify(OTHERS[0])
        assert state.written(["Moya"]) == {"Moya": WrittenPage(1, "", "A ship.")}
        assert state.begin("Bot", "x") == (run, True)
