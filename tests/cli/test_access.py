"""Every command reaches a wiki in the same way: a private one, behind HTTP Basic, with settings of plainwiki.toml."""

from __future__ import annotations

import os
import subprocess
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from convert.preview.documents import Document
from convert.preview.wiki.live_wiki import LiveWiki
from convert.upload.client.credentials import Password
from convert.upload.client.front.http_options import HttpOptions
from convert.upload.client.wiki import ClientOptions
from convert.upload.plan import Rules
from tests import ROOT
from tests.servers.fake_wiki import LOGIN, PASSWORD, FakeWiki, Reply
from tests.servers.front import Front, Request
from tests.servers.wiki import APP, APP_PASSWORD, EDITOR, Wiki
from tests.support.commands import PROGRAM, TIMEOUT_S

BASIC = HttpOptions(user="gate", password="open, sesame")
PRIVATE = {"wgGroupPermissions": {"*": {"read": False}, "user": {"read": True}}}
#: Commands that ask a wiki, each with what it says when that worked.
COMMANDS = {
    "sync": (["templates", "sync"], " templates\n"),
    "profile": (["profile"], ""),
    "doctor": (["doctor"], ""),
    "upload": (["upload", "article.txt", "--dry-run"], ""),
    "batch": (["batch", "article.txt", "-t", "wikitext", "-o", "out"], ""),
}


def _gate(request: Request) -> Reply | None:
    if request.headers.get("Authorization") == BASIC.sent_headers()["Authorization"]:
        return None
    return Reply(b"", 401, (("WWW-Authenticate", 'Basic realm="Gate"'),))


def _run(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PLAINWIKI", "XDG"))}
    (folder / "article.txt").write_text("= Moya =\n\nA ship.\n", encoding="utf-8")
    return subprocess.run(
        [*PROGRAM, *arguments],
        cwd=folder,
        env={**kept, "HOME": str(folder), "PYTHONPATH": str(ROOT), **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )


@pytest.mark.parametrize(("arguments", "said"), COMMANDS.values(), ids=COMMANDS)
def test_private_wiki_behind_a_gate(arguments: list[str], said: str, wiki: Wiki, tmp_path: Path) -> None:
    with wiki.troubled(variables=PRIVATE), Front(wiki.address, _gate) as front:
        config = f'[wikis.mine]\napi = "{front.address}"\nuser = "{EDITOR}@{APP}"\nhttp-user = "gate"\n'
        (tmp_path / "own.toml").write_text(f'{config}http_password = "open, sesame"\n', encoding="utf-8")
        done = _run(tmp_path, *arguments, "--wiki", "mine", "--config", "own.toml", PLAINWIKI_PASSWORD=APP_PASSWORD)
        assert done.returncode == 0, done.stdout + done.stderr
        assert said in done.stderr
        # The same without a configuration, and without what the gate wants.
        who = {"PLAINWIKI_PASSWORD": APP_PASSWORD, "PLAINWIKI_USER": f"{EDITOR}@{APP}", "PLAINWIKI_HTTP_USER": "gate"}
        again = [each if each != "out" else "out2" for each in arguments]
        done = _run(tmp_path, *again, "--wiki", front.address, **who, PLAINWIKI_HTTP_PASSWORD="open, sesame")
        assert done.returncode == 0, done.stdout + done.stderr
        refused = _run(tmp_path, *arguments, "--wiki", front.address, **who, PLAINWIKI_HTTP_PASSWORD="wrong, sesame")
        assert refused.returncode == 3
        assert "'that is not the name and password'" in refused.stdout + refused.stderr
    for each in (done, refused):
        assert "sesame" not in each.stdout + each.stderr
        assert APP_PASSWORD not in each.stdout + each.stderr


def test_private_wiki_without_an_account_asks_for_one(wiki: Wiki, tmp_path: Path) -> None:
    with wiki.troubled(variables=PRIVATE):
        done = _run(tmp_path, "templates", "sync", "--wiki", wiki.address)
    assert (done.returncode, done.stdout) == (2, "")
    assert "nobody to sign in as: name an account with --user" in done.stderr


def test_preview_reaches_a_wiki_as_an_upload_does(tmp_path: Path) -> None:
    article = cast(Document, SimpleNamespace(page="New", wikitext="A text."))
    with FakeWiki({}) as wiki, Front(wiki.api, _gate) as front:
        who, options = Password(LOGIN, PASSWORD), ClientOptions(http=BASIC)
        state = str(tmp_path / "state.db")
        with closing(LiveWiki("fake", f"{front.address}/api.php", who, Rules(), state, options)) as remote:
            framed, _ = remote.frame(article)
    assert "<p>A text." in framed


def test_command_line_wins_over_the_table_of_the_wiki(tmp_path: Path) -> None:
    with FakeWiki({}) as wiki, Front(wiki.api) as front:
        table = f'[wikis.mine]\napi = "{front.address}"\nuser = "Nobody@x"\ncontact = "table@x.example"\n'
        (tmp_path / "own.toml").write_text(table, encoding="utf-8")
        named = ["--wiki", "mine", "--config", "own.toml", "--user", LOGIN]
        _run(tmp_path, "doctor", *named, PLAINWIKI_PASSWORD=PASSWORD, PLAINWIKI_CONTACT="environment@x.example")
        assert "table@x.example" in front.requests[-1].headers["User-Agent"]
        _run(tmp_path, "doctor", *named, "--contact", "line@x.example", PLAINWIKI_PASSWORD=PASSWORD)
        assert "line@x.example" in front.requests[-1].headers["User-Agent"]
        assert any(LOGIN.encode() in request.body for request in front.requests)


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("rate = 0", "rate: 0.0 is not in the range"),
        ('headers = "X: y"', "headers: give a table"),
        ("http-user = 7", "http-user: give a text"),
        ('headers = { "Host" = "x" }', "the header Host is plainwiki's own"),
        ('ca-fil = "x"', "no 'ca-fil' can be set: choose from api, user, contact, rate"),
    ],
)
def test_setting_that_is_none_is_told(line: str, problem: str, tmp_path: Path) -> None:
    table = f'[wikis.mine]\napi = "http://127.0.0.1:9/"\n{line}\n'
    (tmp_path / "own.toml").write_text(table, encoding="utf-8")
    done = _run(tmp_path, "upload", "article.txt", "--wiki", "mine", "--config", "own.toml")
    assert done.returncode == 2
    assert problem in done.stderr
