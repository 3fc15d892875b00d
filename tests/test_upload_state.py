"""What outlives a run: intents, what was written, refusals; and that only one process writes."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from msgspec import structs

from convert.errors import EnvironmentFailed, UsageError
from convert.upload.plan import Create, Refuse, Update, Written, digest
from convert.upload.state import Done, Kept, Open, State

API = "http://localhost/api.php"
CREATE = Create("Moya 👩\u200d🚒", "A ship.")
UPDATE = Update("Talyn", "Merged.", 7, 20, ours="A gunship.")


@pytest.fixture
def path(tmp_path: Path) -> str:
    """Where the file is, in a folder that is not there yet."""
    return str(tmp_path / "state" / "plainwiki.db")


@pytest.fixture
def state(path: str) -> Iterator[State]:
    """A new file."""
    with closing(State(path, API)) as state:
        yield state


def _run(state: State, what: str = "replace a.txt") -> str:
    return state.begin("Bot", what)[0]


def _opened(state: State) -> list[Open]:
    return [each for each in state.left_open() if isinstance(each, Open)]


def test_edit_is_open_until_it_is_known_what_came_of_it(state: State, path: str) -> None:
    """A process that is killed in between leaves it open for the next one."""
    run = _run(state)
    state.intend(run, [CREATE, UPDATE])
    state.close()
    with closing(State(path, API)) as state:
        first, second = sorted(_opened(state), key=lambda each: each.base)
        assert first == Open(run, CREATE.title, 0, digest(CREATE.text), CREATE.text)
        assert second == Open(run, "Talyn", 7, digest("Merged."), "A gunship.")
        state.saved(first, 8)
        state.forget(second)
        assert not state.left_open()
        assert state.done(run) == [Done(CREATE.title, 0, 8, "created")]
        assert state.written([CREATE.title, "Talyn"]) == {CREATE.title: Written(8, digest(CREATE.text), CREATE.text)}


def test_what_we_wrote_last_is_what_we_made_and_not_what_was_merged(state: State) -> None:
    """The base of the next merge must not have what people added."""
    run = _run(state)
    state.intend(run, [UPDATE])
    state.saved(_opened(state)[0], 9)
    assert state.written(["Talyn"]) == {"Talyn": Written(9, digest("Merged."), "A gunship.")}
    assert list(state.pages()) == [Kept("Talyn", 9, digest("Merged."))]


def test_run_that_writes_a_page_twice_began_before_both(state: State) -> None:
    """Undone, it is as before the run, unless somebody edited in between."""
    run = _run(state)
    for base, revision, before in ((7, 8, 7), (8, 9, 7), (12, 13, 12)):
        state.intend(run, [structs.replace(UPDATE, base=base)])
        state.saved(_opened(state)[0], revision)
        assert state.done(run) == [Done("Talyn", before, revision, "updated")]


def test_interrupted_run_goes_on_under_its_name(state: State) -> None:
    """If it does the same; one that ended does not, and one that sent nothing leaves no trace."""
    run, old = state.begin("Bot", "create a.txt")
    assert not old
    assert state.begin("Bot", "create a.txt") == (run, True)
    other, old = state.begin("Bot", "replace a.txt")
    assert not old
    assert other != run
    state.intend(run, [CREATE])
    state.finish(run)
    state.finish(other)
    assert not state.begin("Bot", "create a.txt")[1]
    assert [each.id for each in state.runs() if each.finished] == [run]
    assert state.begin("Bot", "plan x", "x") == ("x", False)


def test_refusal_is_remembered_with_the_text_that_was_sent(state: State) -> None:
    """One that was only foreseen is noted, too, and does not hide it; a page that is saved has none."""
    run = _run(state)
    state.intend(run, [CREATE])
    sent = Refuse(CREATE.title, "spamblacklist", "No.")
    state.refuse(run, sent, digest(CREATE.text), '{"errors": []}')
    assert not state.left_open()
    assert state.refused([CREATE.title]) == {CREATE.title: (digest(CREATE.text), sent)}
    state.refuse(run, sent)
    assert state.refused([CREATE.title])
    state.refuse(run, Refuse(CREATE.title, "protectedpage", "No."))
    assert not state.refused([CREATE.title])
    state.intend(run, [CREATE])
    state.saved(_opened(state)[0], 8)
    with closing(sqlite3.connect(state.path)) as disk:
        assert not disk.execute("SELECT * FROM refusals").fetchall()


def test_undone_edit_is_no_base_any_more(state: State) -> None:
    """A page that was reverted is one that we never wrote."""
    run = _run(state)
    state.intend(run, [CREATE])
    state.saved(_opened(state)[0], 8)
    state.undone(run, CREATE.title)
    assert not state.done(run)
    assert not state.written([CREATE.title])
    with pytest.raises(UsageError, match=f"no run on this wiki is called 'x': the last ones are {run}"):
        state.done("x")


_OPENS = (
    "import sys; from convert.upload.state import State; State(sys.argv[1], sys.argv[2]); print('open', flush=True)"
)


def _opening(path: str, api: str, then: str = "") -> subprocess.Popen[str]:
    command = [sys.executable, "-c", _OPENS + then, path, api]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_second_process_is_told_of_the_first(state: State, path: str) -> None:
    """On the same wiki; on another one both may write."""
    said = _opening(path, API).communicate()[1]
    assert f"another run is uploading to {API} with {path}: wait for it, or give another --state" in said
    assert _opening(path, "http://elsewhere/api.php").communicate() == ("open\n", "")


def test_claim_ends_with_the_process(path: str) -> None:
    """Also if it is killed."""
    first = _opening(path, API, "; sys.stdin.read()")
    assert first.stdout
    assert first.stdout.readline() == "open\n"
    with pytest.raises(EnvironmentFailed, match="another run"):
        State(path, API)
    os.kill(first.pid, signal.SIGKILL)
    first.communicate()
    State(path, API).close()


def test_looking_leaves_no_file_behind(path: str) -> None:
    """And may be done while another process writes."""
    with closing(State(path, API, looking=True)) as looking:
        assert not looking.runs()
    assert not os.path.exists(path)
    with closing(State(path, API)) as state, closing(State(path, API, looking=True)) as looking:
        state.keep("Moya", Written(3, "abc", "A ship."))
        assert looking.written(["Moya"]) == {"Moya": Written(3, "abc", "A ship.")}


def test_file_that_cannot_be_used_is_told(tmp_path: Path) -> None:
    """With its name, and what to do where that is known."""
    spoilt, newer = tmp_path / "spoilt.db", tmp_path / "newer.db"
    spoilt.write_bytes(b"This is not a database at all. " * 100)
    for path in (spoilt, tmp_path):
        with pytest.raises(EnvironmentFailed, match=f"cannot use the state file {path}: "):
            State(str(path), API)
    with closing(sqlite3.connect(newer)) as disk:
        disk.execute("PRAGMA user_version = 99")
    with pytest.raises(EnvironmentFailed, match="newer plainwiki"):
        State(str(newer), API)


def test_any_number_of_titles_is_looked_up(state: State) -> None:
    """SQLite takes but so many at once."""
    for number in range(3):
        state.keep(f"P{number}", Written(number, "", str(number)))
    found = state.written([f"P{number}" for number in range(1200)])
    assert found == {f"P{number}": Written(number, "", str(number)) for number in range(3)}
