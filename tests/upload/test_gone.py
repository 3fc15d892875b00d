"""Pages whose articles left the sources, and pages that are put in a namespace or below a prefix, on a real wiki."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from convert.errors import UsageError
from convert.profile import WikiProfile
from convert.upload.placing import PlacedPages, Placing
from convert.upload.plan import DesiredPage, checked_limit
from convert.upload.planning.gone import Scope
from tests.servers.wiki import ADMIN, BOT, Wiki
from tests.upload.test_cli import Upload
from tests.upload.test_cli import upload as upload  # a fixture

_numbers = itertools.count(1)


@pytest.fixture
def title() -> str:
    """Give a title that no other test has."""
    return f"Gone {next(_numbers)}"


def _write(folder: Path, *titles: str, text: str = "Text.") -> None:
    folder.mkdir(exist_ok=True)
    for title in titles:
        (folder / f"{title}.txt").write_text(f"= {title} =\n\n{text}\n", encoding="utf-8")


def _titles(title: str, count: int = 8) -> list[str]:
    return [f"{title} {letter}" for letter in "ABCDEFGHIJKLMNOP"[:count]]


@pytest.mark.parametrize("inputs", ["folder", "files"])
def test_what_left_the_sources_is_listed_until_it_is_handled(
    wiki: Wiki, upload: Upload, tmp_path: Path, title: str, inputs: str
) -> None:
    """Of a folder, and of files that a shell names; nothing is done to the pages."""
    titles = _titles(title)
    _write(tmp_path / "drafts", *titles)

    def given() -> list[str]:
        files = sorted(str(path.relative_to(tmp_path)) for path in (tmp_path / "drafts").iterdir())
        return ["drafts"] if inputs == "folder" else files

    assert upload(*given(), "--yes").returncode == 0
    (tmp_path / "drafts" / f"{titles[0]}.txt").unlink()
    for _ in range(2):
        listed = upload(*given(), "--yes")
        assert listed.returncode == 0, listed.stderr
        assert f"gone      {titles[0]} (drafts/{titles[0]}.txt): it left the sources: --gone blank" in listed.stdout
        assert listed.stdout.endswith("gone      1\n")
        assert len(wiki.revisions(titles[0])) == 1
    _write(tmp_path / "others", f"{title} other")
    assert "gone" not in upload("others", "--dry-run").stdout
    assert upload(*given(), "--gone", "blank", "--yes").returncode == 0
    assert wiki.revisions(titles[0])[0].text == ""
    assert "gone" not in upload(*given(), "--yes").stdout
    _write(tmp_path / "drafts", titles[0])
    assert upload(*given(), "--mode", "replace", "--yes").returncode == 0
    assert wiki.revisions(titles[0])[0].text == "Text."


def test_page_is_deleted_if_it_may_be_and_nobody_edited_it(
    wiki: Wiki, upload: Upload, tmp_path: Path, title: str
) -> None:
    """A protection is no edit; what a person ever wrote there stays, also where we wrote after it."""
    ours, edited, merged, guarded, *rest = _titles(title)
    _write(tmp_path / "drafts", ours, edited, merged, guarded, *rest)
    assert upload("drafts", "--yes", user=ADMIN).returncode == 0
    wiki.edit(edited, "Ann's.")
    wiki.edit(merged, "Ann's.")
    _write(tmp_path / "drafts", merged, text="More.")
    overwritten = upload("drafts", "--mode", "replace", "--overwrite", "--yes", "--max-changes", "100", user=ADMIN)
    assert overwritten.returncode == 0, overwritten.stderr
    wiki.edit(edited, "Ann's again.")
    wiki.write(action="protect", title=guarded, protections="edit=sysop")
    for name in (ours, edited, merged, guarded):
        (tmp_path / "drafts" / f"{name}.txt").unlink()
    many = upload("drafts", "--gone", "delete", "--max-gone", "1", "--yes", user=ADMIN)
    assert many.returncode == 2
    assert "2 of 8 pages left the sources, which is more than 1: look whether the inputs are complete" in many.stderr
    refused = upload("drafts", "--gone", "delete", "--yes", user=BOT)
    assert "--gone blank and --gone redirect need no right" in refused.stdout or not refused.stdout.count("gone")
    done = upload("drafts", "--gone", "delete", "--yes", user=ADMIN)
    assert done.returncode == 1, done.stderr
    assert "2 deleted" in done.stderr
    assert done.stdout.count(f"it left the sources, and {ADMIN} edited it") == 2
    assert [len(wiki.revisions(name)) for name in (ours, guarded)] == [0, 0]
    assert [wiki.revisions(name)[0].text for name in (edited, merged)] == ["Ann's again.", "More."]
    _write(tmp_path / "drafts", ours)
    assert upload("drafts", "--yes", user=ADMIN).returncode == 0
    assert len(wiki.revisions(ours)) == 1


def test_page_of_a_renamed_article_leads_to_the_new_one(wiki: Wiki, upload: Upload, tmp_path: Path, title: str) -> None:
    """Others lead to where is said, or are listed."""
    renamed, away, *rest = _titles(title)
    _write(tmp_path / "drafts", renamed, away, *rest)
    upload("drafts", "--yes")
    (tmp_path / "drafts" / f"{renamed}.txt").write_text(f"= {renamed} new =\n\nText.\n", encoding="utf-8")
    (tmp_path / "drafts" / f"{away}.txt").unlink()
    done = upload("drafts", "--gone", "redirect", "--yes")
    assert (done.returncode, "1 redirected" in done.stderr) == (0, True), done.stderr
    assert wiki.revisions(renamed)[0].text == f"#REDIRECT [[{renamed} new]]"
    assert len(wiki.revisions(away)) == 1
    assert upload("drafts", "--gone", f"redirect:{rest[0]}", "--yes").returncode == 0
    assert wiki.revisions(away)[0].text == f"#REDIRECT [[{rest[0]}]]"


def test_nothing_is_handled_where_the_sources_may_be_incomplete(
    wiki: Wiki, upload: Upload, tmp_path: Path, title: str
) -> None:
    """An empty folder, a file that cannot be read."""
    titles = _titles(title)
    _write(tmp_path / "drafts", *titles)
    upload("drafts", "--yes")
    (tmp_path / "drafts" / f"{titles[0]}.txt").unlink()
    (tmp_path / "drafts" / f"{titles[1]}.txt").write_bytes(b"= A =\n\n\xff\xfe\xfd\n")
    spoilt = upload("drafts", "--gone", "blank", "--yes")
    assert "what left the sources is not looked at" in spoilt.stderr
    for path in (tmp_path / "drafts").iterdir():
        path.unlink()
    _write(tmp_path / "drafts", f"{title} other")
    emptied = upload("drafts", "--gone", "blank", "--yes")
    assert emptied.returncode == 2
    assert "8 of 8 pages left the sources, which is more than 10%" in emptied.stderr
    assert {wiki.revisions(name)[0].text for name in titles} == {"Text."}


def test_plan_in_a_file_handles_what_was_reviewed(wiki: Wiki, upload: Upload, tmp_path: Path, title: str) -> None:
    titles = _titles(title)
    _write(tmp_path / "drafts", *titles)
    upload("drafts", "--yes")
    (tmp_path / "drafts" / f"{titles[0]}.txt").unlink()
    assert upload("drafts", "--gone", "blank", "--plan", "plan.jsonl").returncode == 0
    assert len(wiki.revisions(titles[0])) == 1
    assert upload("--apply", "plan.jsonl", "--yes").returncode == 0
    assert wiki.revisions(titles[0])[0].text == ""


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (("--gone", "burn"), "--gone burn: write list, blank, redirect, redirect:TITLE or delete"),
        (("--gone", "redirect:"), "--gone redirect:: write"),
        (("--gone", "blank:X"), "--gone blank:X: write"),
        (("--max-gone", "few"), "--max-gone 'few': write a number of pages, or a share as in 10%"),
        (("--namespace", "Dreams"), "--namespace Dreams: the wiki has no such namespace, but Category, "),
        (("--prefix", "A|"), "no page can be called 'A|…'"),
    ],
)
def test_wrong_options_are_told(upload: Upload, tmp_path: Path, options: tuple[str, str], why: str) -> None:
    _write(tmp_path / "drafts", "A")
    done = upload("drafts", *options, "--dry-run")
    assert (done.returncode, why in done.stderr) == (2, True), done.stderr


def test_limits_are_numbers_or_shares() -> None:
    assert [checked_limit(limit) for limit in ("0", "12", "0%", "100%")] == ["0", "12", "0%", "100%"]
    for limit in ("", "%", "-1", "1.5", "٣", "10 %"):
        with pytest.raises(ValueError, match="write a number"):
            checked_limit(limit)


def test_scope_knows_the_inputs_of_an_earlier_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However they are written; standard input is never known, other choices of files are other inputs."""
    monkeypatch.chdir(tmp_path)
    for name in ("a", "a b"):
        (tmp_path / name).mkdir()
    (tmp_path / "x.zip").touch()
    scope = Scope(["a", "a b/", "x.zip", "-"])
    own = str(tmp_path)
    assert [scope.input_of(source) for source in ("a/1.txt", "a b/1.txt", "x.zip/1.txt", "x.zip", "b/1.txt", "-")] == [
        f"{own}/a", f"{own}/a b", f"{own}/x.zip", f"{own}/x.zip", "", "",
    ]  # fmt: skip
    assert scope.covers(f"{own}/a")
    assert scope.covers(f"{own}/y.zip")
    assert not scope.covers(f"{own}/a/y.zip")
    assert not Scope(["a"], " *.txt").covers(f"{own}/a")
    assert Scope(["a"], " *.txt").covers(f"{own}/a *.txt")
    assert Scope(["."]).input_of("1.txt") == own


# ── Pages under other titles


def test_pages_are_put_in_a_namespace(wiki: Wiki, upload: Upload, tmp_path: Path, title: str) -> None:
    """And known there the next time."""
    _write(tmp_path / "drafts", title)
    for options, there in (
        (("--namespace", "project:"), f"Plain wiki:{title}"),
        (("--prefix", "User:Bot/new/"), f"User:Bot/new/{title}"),
        (("--namespace", "Help", "--prefix", "x "), f"Help:X {title}"),
    ):
        done = upload("drafts", *options, "--yes")
        assert done.returncode == 0, done.stderr
        assert f"create    {there} (drafts/{title}.txt): +5 bytes" in done.stdout
        assert wiki.revisions(there)[0].text == "Text."
        assert "nothing to do" in upload("drafts", *options, "--yes").stderr
    assert not wiki.revisions(title)


#: A text, and the text below ``User:Bot/``, where A and B are placed.
TEXTS = {
    "See [[A]], [[b|the B]], [[ a #x|y]]s, [[:A]], [[C]].":
        "See [[User:Bot/A|A]], [[User:Bot/B|the B]], [[User:Bot/A#x|y]]s, [[User:Bot/A|A]], [[C]].",
    "[[A]]s [[a]] [[Category:A]] [[Talk:A]] [[#A]] [[/A]] [[A|]]":
        "[[User:Bot/A|A]]s [[User:Bot/A|a]] [[Category:A]] [[Talk:A]] [[#A]] [[/A]] [[User:Bot/A|]]",
    "<nowiki>[[A]]</nowiki> <pre x>[[A]]</pre> <!-- [[A]] --> <nowiki/>[[A]] <nowiki>[[A]]":
        "<nowiki>[[A]]</nowiki> <pre x>[[A]]</pre> <!-- [[A]] --> <nowiki/>[[User:Bot/A|A]] "
        "<nowiki>[[User:Bot/A|A]]",
    "#REDIRECT [[A]]": "#REDIRECT [[User:Bot/A|A]]",
    "[[A [[B]] [[{{A}}]] [[A\n]] <!-- [[A]]": "[[A [[User:Bot/B|B]] [[{{A}}]] [[A\n]] <!-- [[A]]",
}  # fmt: skip


@pytest.mark.parametrize(("text", "placed"), TEXTS.items())
def test_links_among_placed_pages_lead_to_their_new_titles(text: str, placed: str) -> None:
    """They are shown as before; pages with a namespace of their own stay."""
    pages = [DesiredPage("A", text), DesiredPage("B", ""), DesiredPage("Template:T", "[[A]]", model="css")]
    found = list(PlacedPages(pages, Placing("", "User:Bot/"), WikiProfile()))
    assert [page.title for page in found] == ["User:Bot/A", "User:Bot/B", "Template:T"]
    assert [page.text for page in found] == [placed, "", "[[A]]"]


def test_shown_title_is_that_of_the_new_page() -> None:
    """Where it can be: below a prefix, a small first letter is another page."""
    page = DesiredPage("IPhone", "{{DISPLAYTITLE:iPhone}}\nText.")
    for placing, text in (
        (Placing("Talk"), "{{DISPLAYTITLE:Talk:iPhone}}\nText."),
        (Placing("", "User:Bot/"), "Text."),
    ):
        (found,) = PlacedPages([page], placing, WikiProfile())
        assert found.text == text


def test_placing_is_checked() -> None:
    with pytest.raises(UsageError, match="has no such namespace"):
        Placing("Draft").check(WikiProfile())
    for placing in (Placing(), Placing("User_talk:"), Placing("", "Project:x/")):
        placing.check(WikiProfile())


def test_title_that_became_too_long_is_left_for_the_wiki_to_refuse() -> None:
    (found,) = PlacedPages([DesiredPage("A" * 250, "")], Placing("Project talk"), WikiProfile())
    assert len(found.title) > 255


@pytest.mark.slow
def test_links_are_looked_for_in_linear_time() -> None:
    """Where it were a square, this would take minutes."""
    for token in ("<nowiki>", "[[A", "<nowiki>x</nowiki>", "<!--", "[[A|", "<pre "):
        list(PlacedPages([DesiredPage("A", token * 100_000)], Placing("Talk"), WikiProfile()))
