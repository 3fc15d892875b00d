"""Where titles come from: the inputs of a run, a wiki, files."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from convert.batch.model import Task
from convert.cli.options import link_sources
from convert.cli.options.link_sources import batch_dictionary, dictionaries, file_dictionary, language_remark
from convert.dictionaries.cache import age_of, cached_path, save_titles
from convert.dictionaries.files import dictionaries_at, open_dictionary
from convert.errors import EnvironmentFailed, UsageError
from convert.inputs.sources import Selection
from convert.links.dictionary import Anchor
from convert.links.stored import Header
from convert.profile import WikiProfile
from convert.upload.client.credentials import Nobody
from convert.upload.client.wiki import Client, ClientOptions
from tests.servers.wiki import Wiki
from tests.support.commands import plainwiki


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_titles_of_a_batch_are_those_of_all_its_articles(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_text("= Thrift (plant) =\n\nThrift grows by the sea.\n")
    (tmp_path / "in" / "b.txt").write_text("= sea =\n\nwater\n\n= Port Ellen =\n\nA village.\n")
    (tmp_path / "in" / "c.jsonl").write_text('{"title": "Islay", "text": "An island."}\n{"title": "|", "text": "a"}\n')
    path = batch_dictionary([str(tmp_path / "in")], Selection(), Task("wikitext", "text"), WikiProfile())
    known = dictionaries_at((path,))
    assert [known.page(title) for title in ("Thrift (plant)", "Sea", "Port Ellen", "Islay", "|")] == [
        "Thrift (plant)", "Sea", "Port Ellen", "Islay", None,
    ]  # fmt: skip
    assert known.anchor("Thrift") == Anchor(targets=(("Thrift (plant)", 0),), named=1)
    assert path == batch_dictionary([str(tmp_path / "in")], Selection(), Task("json", "text"), WikiProfile())


def test_titles_with_signs_are_titles(tmp_path: Path) -> None:
    titles = ("AT&T", "Rhythm & Blues", "100% Dog", "CSI: Miami", "C++")
    (tmp_path / "a.txt").write_text("".join(f"= {title} =\n\nText.\n\n" for title in titles))
    path = batch_dictionary([str(tmp_path / "a.txt")], Selection(), Task("wikitext", "text"), WikiProfile())
    assert tuple(map(dictionaries_at((path,)).page, titles)) == titles


def test_names_whose_first_capital_is_the_wikis_are_counted(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("= EBay =\n\nThe eBay.\n\n= NATO =\n\nNATO on eBay.\n\n= Dog =\n\nDogs.\n")
    path = batch_dictionary([str(tmp_path / "a.txt")], Selection(), Task("wikitext", "text"), WikiProfile())
    known = dictionaries_at((path,))
    assert known.anchor("eBay") == Anchor(targets=(("EBay", 0),), named=2)
    assert known.anchor("nATO") is None


def test_standard_input_and_pipes_are_read_once(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="standard input can be read once: name files"):
        batch_dictionary(["-"], Selection(), Task("wikitext", "text"), WikiProfile())
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(UsageError, match=r"pipe can be read once: name files"):
        batch_dictionary([str(tmp_path / "pipe")], Selection(), Task("wikitext", "text"), WikiProfile())


def test_sources_are_made_once_each_and_files_looked_at(tmp_path: Path) -> None:
    made: list[str] = []
    file = str(tmp_path / "a.links")
    save_titles(file, Header("uk"), [("Море", "")])
    paths = dictionaries(["batch", file, "batch"], lambda: made.append("batch") or "batch", lambda: "wiki")  # type: ignore[func-returns-value]
    assert (paths, made) == (("batch", file), ["batch"])
    with pytest.raises(EnvironmentFailed, match="cannot read"):
        file_dictionary(str(tmp_path / "none"))
    assert language_remark(file, WikiProfile(language="uk")) is None
    remark = language_remark(file, WikiProfile(language="fr"))
    assert remark is not None
    assert (remark.code, remark.message) == (
        "links-language", "the dictionary is in 'uk', and the wiki in 'fr': few of its links will fit",
    )  # fmt: skip


def test_the_cache_is_this_users_and_says_its_age(cache: Path) -> None:
    path = cached_path("wiki", "http://example.org/api.php")
    save_titles(path, Header(), [("Sea", "")])
    assert age_of(path) == "today"
    assert os.stat(os.path.dirname(path)).st_mode & 0o777 == 0o700
    for days, words in ((1, "yesterday"), (3, "3 days ago")):
        os.utime(path, (0, time.time() - days * 86_400 - 60))
        assert age_of(path) == words
    assert cached_path("wiki", "http://example.org/api.php") == path != cached_path("wiki", "http://example.org/w")


def test_titles_of_a_wiki_that_are_damaged_are_read_anew(wiki: Wiki, tmp_path: Path) -> None:
    wiki.edit("Sea pink", "A plant.")
    (tmp_path / "a.txt").write_text("= X =\n\nThe coast has much Sea pink there.\n")
    url, command = f"{wiki.address}/api.php", ("convert", tmp_path / "a.txt", "--links", "wiki", "--wiki")
    assert b"[[Sea pink]]" in plainwiki(*command, url).stdout
    assert b"read today" in plainwiki(*command, url).stderr
    for content in (b"", b"plainwiki links\nx"):
        (tmp_path / "damaged").write_bytes(content)
        os.replace(tmp_path / "damaged", cached_path("wiki", url))
        ran = plainwiki(*command, url)
        assert (ran.returncode, b"[[Sea pink]]" in ran.stdout) == (0, True)
        assert b"links: the titles that were kept are damaged" in ran.stderr


def test_titles_of_a_wiki_are_read_anew_when_it_has_others(
    wiki: Wiki, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a large wiki after a week."""
    wiki.edit("Sea pink", "A plant.")
    (tmp_path / "a.txt").write_text("= X =\n\nThe coast has much Sea pink, and Bog myrtle too.\n")
    url = f"{wiki.address}/api.php"

    def linked() -> tuple[bytes, list[bytes]]:
        ran = plainwiki("convert", tmp_path / "a.txt", "--links", "wiki", "--wiki", url)
        assert ran.returncode == 0
        return ran.stdout, ran.stderr.splitlines()

    before, told = linked()
    assert (b"[[Sea pink]]" in before, b"[[Bog myrtle]]" in before, len(told)) == (True, False, 2)
    assert linked() == (before, [told[1].removesuffix(b" titles") + f" titles of {url}, read today".encode()])
    wiki.edit("Bog myrtle", "A shrub.")
    monkeypatch.setattr(link_sources, "_FEW_TITLES", 0)
    kept, (line,) = linked()
    assert kept == before
    assert b"read today, and it has others since; to read them anew, remove " in line
    os.utime(cached_path("wiki", url), (0, time.time() - 7 * 86_400 - 60))
    after, told = linked()
    assert b"much [[Sea pink]], and [[Bog myrtle]] too" in after
    assert told[0] == f"plainwiki: links: reading the titles of {url}".encode()
    monkeypatch.setattr(link_sources, "_FEW_TITLES", 50_000)
    wiki.edit("Bog myrtle", "A shrub that smells.")
    assert b"read today" in linked()[1][0]


def test_titles_of_inputs_are_kept_for_a_month(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("= Islay =\n\nText.\n")
    old, new, wiki, half = (
        cached_path(*parts) for parts in (("batch", "x"), ("batch", "y"), ("wiki", "z"), ("batch", "h"))
    )
    half = os.path.join(os.path.dirname(half), f".{os.path.basename(half)}.7.plainwiki")
    for path in (old, new, wiki, half):
        Path(path).write_bytes(b"")
        os.utime(path, (0, time.time() - 86_400 * (29 if path == new else 31)))
    own = batch_dictionary([str(tmp_path / "a.txt")], Selection(), Task("wikitext", "text"), WikiProfile())
    assert {path for path in (old, new, wiki, half, own) if os.path.exists(path)} == {new, wiki, own}


def test_runs_side_by_side_make_the_same_dictionary(tmp_path: Path) -> None:
    path = cached_path("batch", "x")

    def titles() -> Iterator[tuple[str, str]]:
        yield "Islay", ""
        pid = os.fork()
        if not pid:
            save_titles(path, Header(), [("Islay", "")])
            os._exit(0)
        assert os.waitpid(pid, 0)[1] == 0
        yield "Jura", ""

    save_titles(path, Header(), titles())
    assert open_dictionary(path).page("Jura") == "Jura"
    assert os.listdir(os.path.dirname(path)) == [os.path.basename(path)]


def test_a_wiki_tells_its_titles_and_redirects(wiki: Wiki, tmp_path: Path) -> None:
    wiki.edit("Sea pink", "A plant.")
    wiki.edit("Sea thrift", "#REDIRECT [[Sea pink#Names]]")
    wiki.edit("Talk:Sea pink", "Talk.")
    with Client(f"{wiki.address}/api.php", Nobody(), ClientOptions(plain_http=True)) as client:
        path = str(tmp_path / "wiki.links")
        save_titles(path, Header(client.site.profile.language), client.titles.all())
    known = open_dictionary(path)
    assert [known.page(title) for title in ("sea pink", "Sea thrift", "Talk:Sea pink")] == [
        "Sea pink",
        "Sea pink",
        None,
    ]
    assert known.anchor("Sea thrift") == Anchor(targets=(("Sea pink", 0),))
