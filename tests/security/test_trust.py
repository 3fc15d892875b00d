"""Whose a configuration is, and what one of somebody else's may do: nothing."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from convert.cli import COMMANDS
from convert.cli.configuration.defaults import RulesFile
from convert.cli.configuration.file import HARMLESS, ConfigFile
from convert.cli.configuration.trust import Ownership, User, examine, judge_file, objection
from convert.errors import UsageError
from tests.support.running import Ran, ran

#: Numbers that nobody has.
MINE, THEIRS = 2147000, 2147001
ME, NO_GROUP = User(MINE, MINE), User(MINE, None)
BELOW = "project"
ARTICLE = "= A =\n\nOne.\nTwo.\n"


def status(mode: int, uid: int = MINE, gid: int = MINE) -> os.stat_result:
    """Make what the system says of a file."""
    return os.stat_result((mode, 1, 1, 1, uid, gid, 0, 0, 0, 0))


FILE, FOLDER, LINK = stat.S_IFREG, stat.S_IFDIR, stat.S_IFLNK


@pytest.mark.parametrize(
    ("found", "user", "why"),
    [
        (status(FILE | 0o644), ME, ""),
        (status(FILE | 0o644, uid=0, gid=0), ME, ""),
        (status(FILE | 0o664), ME, ""),
        (status(FILE | 0o664), NO_GROUP, "can be written to by the group 2147000"),
        (status(FILE | 0o664, gid=THEIRS), ME, "can be written to by the group 2147001"),
        (status(FILE | 0o646), ME, "can be written to by everybody"),
        (status(FILE | 0o644, uid=THEIRS), ME, "belongs to user 2147001"),
        (status(FILE | 0o644, uid=THEIRS), User(0, 0), "belongs to user 2147001"),
        (status(FOLDER | 0o755), ME, ""),
        (status(FOLDER | 0o1777, uid=0, gid=0), ME, "can be written to by everybody"),
        (status(FOLDER | 0o2775, uid=0, gid=THEIRS), ME, "can be written to by the group 2147001"),
        (status(LINK | 0o777), ME, ""),
        (status(LINK | 0o777, uid=THEIRS), ME, "belongs to user 2147001"),
    ],
)
def test_what_others_can_change_is_theirs(found: os.stat_result, user: User, why: str) -> None:
    assert objection(found, user) == why


@pytest.mark.parametrize(
    ("uid", "user", "standing"),
    [
        (MINE, ME, Ownership.OWN),
        (0, ME, Ownership.ROOTS),
        (0, User(0, 0), Ownership.OWN),
        (THEIRS, ME, Ownership.STRANGERS),
        (MINE, User(0, 0), Ownership.STRANGERS),
    ],
)
def test_a_file_is_of_its_owner(uid: int, user: User, standing: Ownership) -> None:
    assert judge_file(status(FILE | 0o644, uid=uid), user).standing is standing


def configured(folder: Path, text: str) -> Path:
    """Write a configuration above the folder in which commands are run."""
    (folder / BELOW).mkdir()
    (folder / BELOW / "a.txt").write_text(ARTICLE)
    path = folder / "plainwiki.toml"
    path.write_text(text)
    return path


def lent(path: Path, how: str) -> None:
    """Let somebody else write to a file; to give it away takes root, so another way stands in for it."""
    match how:
        case "its folder":
            path.parent.chmod(0o1777)
        case "another's" if os.geteuid() == 0:
            os.chown(path, 12345, -1)
        case "link" if os.geteuid() == 0:
            path.rename(path.parent / "real")
            path.symlink_to("real")
            os.chown(path, 12345, -1, follow_symlinks=False)
        case "linked":
            (path.parent / "shared").mkdir(mode=0o755)
            path.rename(path.parent / "shared" / "file")
            path.symlink_to("shared/file")
            (path.parent / "shared").chmod(0o777)
        case _:
            path.chmod(0o666)


def below(folder: Path, *arguments: str) -> Ran:
    return ran(folder / BELOW, *arguments)


@pytest.mark.parametrize("how", ["itself", "its folder", "another's", "link", "linked"])
def test_configuration_that_somebody_else_could_write_is_ignored(tmp_path: Path, how: str) -> None:
    """And that is said, with the file, why, and what to do; named, it counts."""
    path = configured(tmp_path, 'markup = "passthrough"\n[convert]\noutput = "chosen"\n')
    chosen = tmp_path / "chosen"
    assert below(tmp_path, "convert", "a.txt").err == ""
    chosen.unlink()
    lent(path, how)
    told = below(tmp_path, "convert", "a.txt")
    assert told.out == below(tmp_path, "convert", "a.txt", "--no-config").out != ""
    verdict = examine(str(path))
    assert verdict
    assert told.err == f"plainwiki: {path} is ignored: {verdict.why}: name it with --config if it is meant\n"
    assert not chosen.exists()
    assert below(tmp_path, "convert", "a.txt", "--config", str(path)).err == ""
    assert chosen.exists()


@pytest.mark.parametrize("thing", ["pipe", "folder", "device", "loop", "nothing", "endless"])
def test_what_is_no_file_is_ignored(tmp_path: Path, thing: str) -> None:
    path = configured(tmp_path, "")
    path.unlink()
    match thing:
        case "pipe":
            os.mkfifo(path)
        case "folder":
            path.mkdir()
        case "device":
            path.symlink_to("/dev/zero")
        case "loop":
            path.symlink_to(path)
        case "nothing":
            path.symlink_to("nothing")
        case "endless":
            path.symlink_to("/dev/full")
    told = below(tmp_path, "check", "a.txt", "-j1")
    assert told.err.startswith(f"plainwiki: {path} is ignored: it ")
    assert told.err.count("\n") == 1
    named = below(tmp_path, "check", "a.txt", "--config", str(path))
    assert named.status in (2, 3)
    assert named.err.count("\n") == 1


BROKEN = {
    "nested": ("a = " + "[" * 100_000, "nested deeper"),
    "tables": ("a = " + "{a=" * 100_000, "nested deeper"),
    "parts": ("a" + ".a" * 400_000 + " = 1", "nested deeper"),
    "quoted parts": ('"\\""' + '."\\""' * 100_000 + " = 1", "nested deeper"),
    "head": ("[" + ".".join(["a"] * 100_000) + "]", "nested deeper"),
    "seventeen": ("[upload]\na = " + "[" * 17 + "]" * 17, "nested deeper"),
    "digits": ("threshold = " + "9" * 10_000, "limit"),
    "hexadecimal": ("[convert]\nmax-document = 0x" + "f" * 10_000, "limit"),
    "size": ("#" * (2 << 20), "larger than 1 MiB"),
    "tables called as a command": ('[[convert]]\nto = "json"', "convert: no such option"),
    "wikis": ("wikis = 5", "wikis: no such option"),
    "wikis in a list": ("wikis = [{}]", "wikis: "),
    "rules in a line": ('infobox = [{templat = "A"}]', "a rule has no 'templat'"),
    "nul": ('infobox = "a\\u0000b"', "U+0000"),
    "nan": ("threshold = nan", "threshold: no number"),
    "truth": ("infobox = true", "infobox: neither a string nor a number"),
    "list": ('paragraphs = ["line"]', "paragraphs: neither"),
    "list in a list": ('typed = [["x"]]', "typed: neither"),
    "date": ("infobox = 2024-01-01", "infobox: neither"),
    "controls": ('"a\\u001b[31m\\u202e" = 1', "a\\x1b[31m\\u202e: no such option"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_configuration_is_told_in_a_line(tmp_path: Path, name: str) -> None:
    text, why = BROKEN[name]
    path = configured(tmp_path, text)
    told = below(tmp_path, "convert", "a.txt")
    assert (told.status, told.out) == (2, "")
    assert told.err.startswith(f"plainwiki: {path}:")
    assert why in told.err
    assert told.err.count("\n") == 1


def test_bytes_that_are_no_text_are_told(tmp_path: Path) -> None:
    configured(tmp_path, "").write_bytes(b"a = '\xff'")
    assert "byte 5 is not UTF-8" in below(tmp_path, "convert", "a.txt").err


def test_a_value_for_an_option_that_takes_many_is_one(tmp_path: Path) -> None:
    configured(tmp_path, 'typed = "Infobox ship"\n')
    assert below(tmp_path, "check", "a.txt", "-j1").status == 0


def test_a_file_is_named_in_the_environment(tmp_path: Path) -> None:
    path = configured(tmp_path, '[convert]\nto = "plain"\n')
    lent(path, "itself")
    told = ran(tmp_path / BELOW, "convert", "a.txt", environment={"PLAINWIKI_CONFIG": str(path)})
    assert (told.out[:5], told.err) == ("= A =", "")
    off = ran(tmp_path / BELOW, "convert", "a.txt", "--no-config", environment={"PLAINWIKI_CONFIG": str(path)})
    assert (off.out[:5], off.err) != ("= A =", "")


def test_what_reaches_out_does_not_count_in_a_file_of_roots(tmp_path: Path) -> None:
    """Here it is this user's, read as one of root's is."""
    import click

    from convert.cli.upload import command

    text = 'paragraphs = "line"\nmarkup = "passthrough"\n[upload]\nyes = true\nwiki = "x"\nuser = "y"\ndiff = true\n'
    path = configured(tmp_path, text + '[wikis.mine]\napi = "https://x/api.php"\n')
    with click.Context(click.Group("plainwiki"), info_name="plainwiki") as top:
        ctx = click.Context(command, parent=top, info_name="upload")
    file = ConfigFile(str(path), limited=True)
    assert file.defaults(ctx) == {"paragraphs": "line", "diff": True}
    assert file.wikis() == {}
    assert file.ignored == ["markup", "yes", "wiki", "user", "wikis"]
    assert len(ConfigFile(str(path)).defaults(ctx)) == 6


def test_every_harmless_option_is_one() -> None:
    from importlib import import_module

    import click

    names: set[str] = set()
    left = [import_module(f"convert.cli.{each}").command for each in COMMANDS]
    while left:
        command = left.pop()
        if isinstance(command, click.Group):
            left += command.commands.values()
        names |= {name.removeprefix("--") for each in command.params for name in each.opts if name.startswith("--")}
    assert names >= HARMLESS
    reaching = {"output", "summary", "report", "wiki", "user", "yes", "plain-http", "state", "apply", "plan", "markup"}
    reaching |= {"restart", "ray-address", "engine", "overwrite", "undo", "import", "export", "contact", "tags", "bot"}
    assert not HARMLESS & reaching
    assert names >= reaching


@pytest.mark.parametrize("how", ["itself", "its folder", "another's"])
def test_no_rule_is_written_where_somebody_else_could(tmp_path: Path, how: str) -> None:
    path = configured(tmp_path, '[[infobox]]\ntemplate = "A"\n')
    file = RulesFile(str(path), named=False, off=False)
    file.check_writable()
    assert [each.template for each in file.read()] == ["A"]
    lent(path, how)
    with pytest.raises(UsageError, match="nothing is written there: it"):
        file.check_writable()
    with pytest.raises(UsageError, match="is ignored"):
        file.read()
    RulesFile(str(path), named=True, off=False).check_writable()


def test_no_rule_is_written_into_a_folder_of_everybody(tmp_path: Path) -> None:
    file = RulesFile(str(tmp_path / "plainwiki.toml"), named=False, off=False)
    file.check_writable()
    tmp_path.chmod(0o1777)
    with pytest.raises(UsageError, match="can be written to by everybody"):
        file.check_writable()
    with pytest.raises(UsageError, match="nothing is kept"):
        RulesFile(str(tmp_path / "plainwiki.toml"), named=False, off=True).check_writable()
