"""What outlives a run: intents, what was written, refusals; and that only one process writes."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from msgspec import structs

from convert.errors import EnvironmentFailed, UsageError
from convert.upload.client.credentials import Password
from convert.upload.client.wiki import Client
from convert.upload.history import undo, verify
from convert.upload.model import Event, UploadOptions
from convert.upload.plan import Create, DesiredPage, Refuse, Rules, Update, WrittenPage, digest
from convert.upload.plan_store import PlanStore
from convert.upload.run import Upload
from convert.upload.state.rows import Damaged, Done, Kept, Open
from convert.upload.state.state import State
from tests.servers.fake_wiki import LOGIN, PASSWORD, FakeWiki

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
        assert state.written([CREATE.title, "Talyn"]) == {
            CREATE.title: WrittenPage(8, digest(CREATE.text), CREATE.text)
        }


def test_what_we_wrote_last_is_what_we_made_and_not_what_was_merged(state: State) -> None:
    """The base of the next merge must not have what people added."""
    run = _run(state)
    state.intend(run, [UPDATE])
    state.saved(_opened(state)[0], 9)
    assert state.written(["Talyn"]) == {"Talyn": WrittenPage(9, digest("Merged."), "A gunship.")}
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


# The name keeps the state open, and a pipe the process: what a test inherits as its input may be at its end.
_OPENS = (
    "import sys; from convert.upload.state.state import State; "
    "state = State(sys.argv[1], sys.argv[2]); print('open', flush=True); sys.stdin.read()"
)


def _opening(path: str, api: str) -> subprocess.Popen[str]:
    command, pipe = [sys.executable, "-c", _OPENS, path, api], subprocess.PIPE
    return subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True)


def test_second_process_is_told_of_the_first(state: State, path: str) -> None:
    """On the same wiki; on another one both may write."""
    said = _opening(path, API).communicate()[1]
    assert f"another run is uploading to {API} with {path}: wait for it, or give another --state" in said
    assert _opening(path, "http://elsewhere/api.php").communicate() == ("open\n", "")


def test_claim_ends_with_the_process(path: str) -> None:
    """Also if it is killed."""
    with _opening(path, API) as first:
        assert first.stdout
        assert first.stdout.readline() == "open\n"
        with pytest.raises(EnvironmentFailed, match="another run"):
            State(path, API)
        first.kill()
    State(path, API).close()


def test_read_only_leaves_no_file_behind(path: str) -> None:
    """And may be done while another process writes."""
    with closing(State(path, API, read_only=True)) as reader:
        assert not reader.runs()
    assert not os.path.exists(path)
    with closing(State(path, API)) as state, closing(State(path, API, read_only=True)) as reader:
        state.keep("Moya", WrittenPage(3, "abc", "A ship."))
        assert reader.written(["Moya"]) == {"Moya": WrittenPage(3, "abc", "A ship.")}


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
        state.keep(f"P{number}", WrittenPage(number, "", str(number)))
    found = state.written([f"P{number}" for number in range(1200)])
    assert found == {f"P{number}": WrittenPage(number, "", str(number)) for number in range(3)}


# ── Whose file it is


def _mode(path: str) -> int:
    return stat.S_IMODE(os.stat(path).st_mode)


def test_file_is_for_its_owner_alone_whatever_the_umask(path: str) -> None:
    """And so are its folder and what lies beside it."""
    before = os.umask(0)
    try:
        with closing(State(path, API)) as state:
            state.keep("Moya", WrittenPage(3, "abc", "A ship."))
            folder = os.path.dirname(path)
            beside = {name: _mode(os.path.join(folder, name)) for name in os.listdir(folder)}
    finally:
        os.umask(before)
    assert beside == dict.fromkeys(("plainwiki.db", "plainwiki.db-wal", "plainwiki.db-shm", "plainwiki.db.lock"), 0o600)
    assert _mode(folder) == 0o700


def test_rights_of_others_on_an_older_file_are_taken_away(path: str) -> None:
    """Those on a folder that was there before are somebody else's business."""
    os.makedirs(os.path.dirname(path), mode=0o755)
    State(path, API).close()
    os.chmod(path, 0o666)
    os.chmod(f"{path}.lock", 0o644)
    State(path, API).close()
    assert [_mode(each) for each in (path, f"{path}.lock", os.path.dirname(path))] == [0o600, 0o600, 0o755]


@pytest.mark.parametrize("suffix", ["", "-wal", "-shm", "-journal", ".lock"])
@pytest.mark.parametrize("there", [True, False])
def test_link_is_refused(path: str, tmp_path: Path, suffix: str, there: bool) -> None:
    """Also one that leads nowhere: what it leads to is not made."""
    State(path, API).close()
    target = tmp_path / "target"
    if there:
        target.write_bytes(b"")
    (tmp_path / "state" / f"plainwiki.db{suffix}").unlink(missing_ok=True)
    os.symlink(target, path + suffix)
    with pytest.raises(EnvironmentFailed, match=f"cannot use the state file {path}{suffix}: it is a link"):
        State(path, API)
    assert target.exists() == there
    assert not there or not target.read_bytes()


def test_file_of_another_user_is_refused(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    State(path, API).close()
    monkeypatch.setattr(os, "geteuid", lambda own=os.geteuid(): own + 1)
    with pytest.raises(EnvironmentFailed, match="it is another user's file: give another --state"):
        State(path, API)


# ── What is damaged


def test_database_of_something_else_stays_as_it_is(path: str) -> None:
    os.mkdir(os.path.dirname(path))
    with closing(sqlite3.connect(path)) as disk:
        disk.execute("CREATE TABLE songs (title TEXT)")
    before = Path(path).read_bytes()
    with pytest.raises(EnvironmentFailed, match="is a database of something else: give another --state"):
        State(path, API)
    assert Path(path).read_bytes() == before


def _read_all(path: str) -> None:
    with closing(State(path, API)) as state:
        state.written([each.title for each in state.pages()])


def test_file_that_is_cut_says_what_to_do(path: str) -> None:
    with closing(State(path, API)) as state:
        for number in range(100):
            state.keep(f"P{number}", WrittenPage(number, "", "A text. " * 1000))
    os.truncate(path, os.path.getsize(path) // 2)
    with pytest.raises(EnvironmentFailed, match="put a copy of it in its place, or give another --state") as failed:
        _read_all(path)
    assert str(failed.value).isprintable()


def test_file_that_another_program_locks_says_what_to_do(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    State(path, API).close()
    monkeypatch.setattr("convert.upload.state.state_file._BUSY_S", 0.05)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(EnvironmentFailed, match="another program uses it: wait for that, or give another --state"):
            State(path, API)


#: What a row of ``pages`` or ``edits`` cannot hold, as SQL.
SPOILT = {
    "revision": ["'x'", "-1.5", "x'00'"],
    "sha1": ["7.5", "x'00'", "CAST(x'ff' AS TEXT)"],
    "text": ["NULL", "7", "'plain'", "x'00'", "zeroblob(9)", "substr(text, 1, 9)"],
}
ROWS = [(column, value) for column, values in SPOILT.items() for value in values]


def _spoil(path: str, statement: str, *values: object) -> None:
    with closing(sqlite3.connect(path)) as disk, disk:
        disk.execute("PRAGMA ignore_check_constraints = ON")
        assert disk.execute(statement, values).rowcount == 1


@pytest.mark.parametrize(("column", "value"), [row for row in ROWS if row != ("text", "NULL")])
def test_damaged_page_is_told_and_the_others_are_read(state: State, path: str, column: str, value: str) -> None:
    for title in ("A", "B", "C"):
        state.keep(title, WrittenPage(3, "abc", "A ship."))
    _spoil(path, f"UPDATE pages SET {column} = {value} WHERE title = 'B'")
    found = state.written(["A", "B", "C"])
    damaged = found["B"]
    assert isinstance(damaged, Damaged) == (column != "sha1" or value != "7.5")
    assert {title: found[title] for title in "AC"} == dict.fromkeys("AC", WrittenPage(3, "abc", "A ship."))
    if isinstance(damaged, Damaged):
        assert f"what {path} says of it is damaged" in damaged.why
        assert damaged.why.isprintable()
    kept = list(state.pages())
    assert [each.title for each in kept] == ["A", "B", "C"]
    assert isinstance(kept[1], Damaged) == (column != "text" and isinstance(damaged, Damaged))


@pytest.mark.parametrize("title", ["CAST(x'ff41' AS TEXT)", "x'41'", "'A' || char(31)", "''"])
def test_damaged_title_is_told_once(state: State, path: str, title: str) -> None:
    state.keep("B", WrittenPage(3, "abc", "A ship."))
    run = _run(state)
    state.intend(run, [CREATE, UPDATE])
    _spoil(path, f"UPDATE pages SET title = {title}")
    _spoil(path, f"UPDATE edits SET title = {title} WHERE title = 'Talyn'")
    assert [type(each) for each in state.pages()] == [Damaged]
    assert {type(each) for each in state.left_open()} == {Open, Damaged}
    assert [each.title for each in state.left_open()] == [CREATE.title]


@pytest.mark.parametrize("ours", ["NULL", "'x'", "7", "zeroblob(9)"])
def test_damaged_edit_is_told_once(state: State, path: str, ours: str) -> None:
    run = _run(state)
    state.intend(run, [CREATE, UPDATE])
    _spoil(path, f"UPDATE edits SET ours = {ours} WHERE title = 'Talyn'")
    assert {(each.title, type(each)) for each in state.left_open()} == {(CREATE.title, Open), ("Talyn", Damaged)}
    assert [each.title for each in state.left_open()] == [CREATE.title]


def test_damaged_rows_refuse_their_pages_and_the_rest_goes_on(path: str) -> None:
    """Of a page whose base is not known it is not known either whether people edited it since."""
    events: list[Event] = []
    texts = {title: f"Old {title}." for title in ("A", "B", "C")}
    wanted = [DesiredPage(title, f"New {title}.") for title in texts]
    with FakeWiki(texts) as fake, Client(fake.api, Password(LOGIN, PASSWORD)) as wiki:
        with closing(State(path, fake.api)) as state, closing(PlanStore()) as steps:
            upload = Upload(wiki, state, UploadOptions(Rules("replace")), events.append)
            for number, (title, text) in enumerate(texts.items(), 1):
                state.keep(title, WrittenPage(number, digest(text), text))
            _spoil(path, "UPDATE pages SET text = 7 WHERE title = 'B'")
            upload.plan(wanted, steps)
            upload.begin("replace")
            upload.apply(steps)
            assert [(each.event, each.title) for each in events] == [
                ("refused", "B"),
                ("updated", "A"),
                ("updated", "C"),
            ]
            assert "then give --overwrite" in events[0].why
            _spoil(path, "UPDATE edits SET revision = 'x' WHERE title = 'A'")
            _spoil(path, "UPDATE pages SET revision = 'x' WHERE title = 'A'")
            _spoil(path, "UPDATE refusals SET why = x'00' WHERE title = 'B'")
            assert verify(wiki, state, events.append) == {"refused": 1, "same": 2}
            assert undo(wiki, state, upload.run, events.append) == {"refused": 1, "reverted": 1}
            assert len(state.runs()) == 1
        with closing(State(path, fake.api)) as state, closing(PlanStore()) as steps:
            upload = Upload(wiki, state, UploadOptions(Rules("replace", overwrite=True)), events.append)
            upload.plan(wanted, steps)
            assert steps.counts == {"keep": 1, "update": 2}
