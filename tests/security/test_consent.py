"""A secret goes where the user sent it: to a host that was named, or agreed to."""

from __future__ import annotations

import os
import pty
import subprocess
from pathlib import Path

import pytest

from tests.servers.echoing import EchoingWiki
from tests.support.commands import PROGRAM, TIMEOUT_S
from tests.support.running import Ran, ran

SECRET = "correct-horse-battery"
ENVIRONMENT = {"PLAINWIKI_PASSWORD": SECRET}
ARTICLE = "= A =\n\nx\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a folder with an article."""
    (tmp_path / "a.txt").write_text(ARTICLE)
    return tmp_path


def configured(path: Path, wiki: EchoingWiki) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f'[upload]\nwiki = "mine"\nyes = true\n[wikis.mine]\napi = "{wiki.address}"\nuser = "Bot@app"\n')
    return path


def uploading(folder: Path, *arguments: str) -> Ran:
    """Upload where nobody can be asked."""
    return ran(folder, "upload", "a.txt", "--patience", "0", *arguments, environment=ENVIRONMENT)


def refusing() -> EchoingWiki:
    return EchoingWiki(lambda text: "no")


def asked(folder: Path, answer: str, *arguments: str) -> tuple[int, str]:
    """Upload at a terminal; return the status and what was said."""
    ours, theirs = pty.openpty()
    try:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PLAINWIKI", "XDG"))}
        environment = {**kept, **ENVIRONMENT, "HOME": str(folder)}
        process = subprocess.Popen(
            [*PROGRAM, "upload", "a.txt", "--patience", "0", *arguments],
            cwd=folder, env=environment, stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        os.write(ours, answer.encode())
        _, said = process.communicate(timeout=TIMEOUT_S)
    finally:
        os.close(ours)
        os.close(theirs)
    return process.returncode, said.decode()


def test_address_that_was_found_gets_no_secret(folder: Path) -> None:
    """It may have come with a folder of articles; the reason is told, and no request is made that has a secret."""
    with refusing() as wiki:
        config = configured(folder / "plainwiki.toml", wiki)
        told = uploading(folder)
        assert SECRET not in wiki.heard
    assert told.status == 2
    host = wiki.address.removesuffix("/api.php")
    assert told.err.startswith(f"plainwiki: nothing was sent to {host}: its address is from {config}, which was found")


@pytest.mark.parametrize("by", ["address", "config", "environment", "own folder"])
def test_address_that_was_named_gets_the_secret(folder: Path, by: str) -> None:
    """Also in a job of cron; where it goes is told before."""
    with refusing() as wiki:
        path = folder / (".config/plainwiki" if by == "own folder" else "named") / "plainwiki.toml"
        if by != "address":
            configured(path, wiki)
        options = {
            "address": ["--wiki", wiki.address, "--user", "Bot@app"], "config": ["--config", str(path)],
        }.get(by, [])  # fmt: skip
        variables = {**ENVIRONMENT, **({"PLAINWIKI_CONFIG": str(path)} if by == "environment" else {})}
        told = ran(folder, "upload", "a.txt", "--patience", "0", *options, environment=variables)
        assert SECRET in wiki.heard
    assert told.status == 3
    origin = "the command line" if by == "address" else path
    host = wiki.address.removesuffix("/api.php")
    assert told.err.startswith(f"plainwiki: signing in at {host}: the address is from {origin}\n")


@pytest.mark.parametrize("answer", ["y\n", "n\n"])
def test_person_is_asked_once(folder: Path, answer: str) -> None:
    with refusing() as wiki:
        configured(folder / "plainwiki.toml", wiki)
        status, said = asked(folder, answer)
        assert (SECRET in wiki.heard) == (answer == "y\n")
        known = uploading(folder)
        assert (SECRET in wiki.heard) == (answer == "y\n")
    assert "Sign in there? [y/N]: " in said
    assert f"the address is from {folder / 'plainwiki.toml'}" in said
    assert status == (3 if answer == "y\n" else 2)
    # Without a terminal the answer counts as well.
    assert known.status == status
    path = folder / ".local/state/plainwiki/known-wikis"
    assert path.exists() == (answer == "y\n")
    if path.exists():
        assert path.stat().st_mode & 0o077 == 0


def test_answer_of_somebody_else_does_not_count(folder: Path) -> None:
    with refusing() as wiki:
        configured(folder / "plainwiki.toml", wiki)
        path = folder / ".local/state/plainwiki/known-wikis"
        path.parent.mkdir(parents=True)
        path.write_text(wiki.address.removesuffix("/api.php") + "\n")
        path.chmod(0o666)
        assert uploading(folder).status == 2
        path.chmod(0o600)
        assert uploading(folder).status == 3


def test_nobody_is_asked_who_wants_no_questions_about_what_was_named(folder: Path) -> None:
    with refusing() as wiki:
        status, said = asked(folder, "", "--wiki", wiki.address, "--user", "Bot@app", "--yes")
        assert SECRET in wiki.heard
    assert (status, "Sign in there?" in said) == (3, False)


@pytest.mark.parametrize("named", [False, True])
def test_host_of_a_stranger_gets_no_secret(folder: Path, named: bool) -> None:
    """Also where the file is named, unless a person agrees."""
    with refusing() as wiki:
        config = configured(folder / "plainwiki.toml", wiki)
        config.chmod(0o666)
        told = uploading(folder, *(["--config", "plainwiki.toml"] if named else []))
        assert SECRET not in wiki.heard
    assert told.status == 2
    assert ("which somebody else could have written" if named else "no wiki is named") in told.err


def test_plan_of_a_stranger_gets_no_secret(folder: Path) -> None:
    with refusing() as wiki:
        plan = folder / "plan.jsonl"
        plan.write_text(
            f'{{"format":"plainwiki-plan-1","run":"1","api":"{wiki.address}","user":"Bot","mode":"create"}}\n'
        )
        plan.chmod(0o666)
        command = ["upload", "--apply", "plan.jsonl", "--user", "Bot@app", "--patience", "0", "--yes"]
        told = ran(folder, *command, environment=ENVIRONMENT)
        assert SECRET not in wiki.heard
        assert "plan.jsonl, which somebody else could have written" in told.err
        plan.chmod(0o600)
        assert ran(folder, *command, environment=ENVIRONMENT).status == 3
        assert SECRET in wiki.heard


@pytest.mark.parametrize("token", [False, True])
def test_preview_asks_as_well(folder: Path, token: bool) -> None:
    with refusing() as wiki:
        configured(folder / "plainwiki.toml", wiki)
        variables = {"PLAINWIKI_TOKEN": "a-token-of-oauth"} if token else ENVIRONMENT
        told = ran(folder, "preview", "a.txt", "--wiki", "mine", "--no-browser", environment=variables)
        assert wiki.sent == []
    assert (told.status, "nothing was sent to" in told.err) == (2, True)
