"""Plans: what is to be done with a page, whatever the wiki has; and plans in words, as diffs and in files."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from convert.errors import UsageError
from convert.profile import WikiProfile
from convert.upload.client.pages import Refused, RemotePage
from convert.upload.diff import unified
from convert.upload.plan import (
    Conflict,
    Create,
    DesiredPage,
    Keep,
    Mode,
    Refuse,
    Rules,
    Step,
    Update,
    WrittenPage,
    decide,
    digest,
    excess,
    kept,
    kind_of,
    rechecked,
)
from convert.upload.plan_lines import PlanHead, described, head_line, read_head, read_steps, step_line, table
from convert.upload.plan_store import PlanStore, batched
from tests.support.strategies import lines

PROFILE = WikiProfile(max_page_bytes=100)
NEW = "{{Infobox ship\n| year = 1991\n}}\nNew."
OLD = "{{Infobox ship\n| year = 1990\n}}\nOld."
WANTED = DesiredPage("Moya", NEW, "moya.txt")
NONE = RemotePage("Moya", "2026-01-01T00:00:00Z")
THERE = RemotePage("Moya", "2026-01-01T00:00:00Z", 7, "2025-01-01T00:00:00Z", digest(OLD), 38, "Ann", text=OLD)
SAME = structs.replace(THERE, sha1=digest(NEW), text=NEW)
OURS = WrittenPage(7, digest(OLD), OLD)
UPDATE = Update("Moya", NEW, 7, 38, "moya.txt", THERE.fetched, THERE.timestamp)
PROTECTED = Refused("protectedpage", "This page is protected.")


def _step(
    page: RemotePage,
    mode: Mode = "replace",
    written: WrittenPage | None = None,
    wanted: DesiredPage = WANTED,
    earlier: Refuse | None = None,
    overwrite: bool = False,
) -> Step:
    return decide(wanted, page, written, earlier, Rules(mode, overwrite), PROFILE)


@pytest.mark.parametrize("mode", ["create", "replace"])
def test_missing_page_is_created(mode: Mode) -> None:
    """With the wiki's time, so that it is not made again after it was deleted."""
    assert _step(NONE, mode) == Create("Moya", NEW, "moya.txt", NONE.fetched)


def test_script_is_written_where_allowed() -> None:
    """As it is given; an article never becomes one."""
    page, rules = structs.replace(NONE, model="javascript"), Rules(scripts=True)
    assert isinstance(decide(structs.replace(WANTED, model=""), page, None, None, rules, PROFILE), Create)
    assert isinstance(decide(WANTED, page, None, None, rules, PROFILE), Refuse)


def test_existing_page_is_updated_only_if_that_is_the_mode() -> None:
    """A page that only the wiki is to have is never touched."""
    assert _step(THERE) == UPDATE
    assert _step(THERE, "create") == Keep("Moya", "moya.txt", "there is such a page")
    only_missing = structs.replace(WANTED, only_missing=True)
    assert isinstance(_step(THERE, wanted=only_missing), Keep)
    assert isinstance(_step(NONE, "infobox", wanted=only_missing), Create)


@pytest.mark.parametrize("mode", ["create", "replace", "infobox"])
def test_page_that_is_so_already_is_kept(mode: Mode) -> None:
    """Even one that may not be edited."""
    assert _step(SAME, mode) == Keep("Moya", "moya.txt")
    assert _step(structs.replace(SAME, refusal=PROTECTED), mode) == Keep("Moya", "moya.txt")


def test_page_in_the_form_that_the_wiki_gave_it_is_kept() -> None:
    """A signature, say, is put in when the page is saved; sending it again would change the page each time."""
    assert _step(THERE, written=WrittenPage(7, digest(NEW), NEW)) == Keep("Moya", "moya.txt")


def test_page_that_somebody_edited_since_is_a_conflict() -> None:
    """Unless it says again what we wrote, or that is asked for."""
    page = structs.replace(THERE, revision=9, sha1=digest("Ann's."))
    assert isinstance(_step(page, written=OURS), Conflict)
    assert isinstance(_step(page, written=OURS, overwrite=True), Update)
    assert isinstance(_step(structs.replace(page, sha1=OURS.sha1), written=OURS), Update)
    assert isinstance(_step(page), Update)


PROBLEMS = {
    "protected": (structs.replace(THERE, refusal=PROTECTED), WANTED, "protectedpage"),
    "no right to create": (structs.replace(NONE, refusal=Refused("cantcreate", "No.")), WANTED, "cantcreate"),
    "no title": (structs.replace(NONE, refusal=Refused("invalidtitle", "No.")), WANTED, "invalidtitle"),
    "redirect": (structs.replace(THERE, redirect=True), WANTED, "redirect"),
    "another model": (structs.replace(THERE, model="css"), WANTED, "contentmodel"),
    "no page, of a script": (structs.replace(NONE, model="javascript"), WANTED, "contentmodel"),
    "script as it is": (structs.replace(NONE, model="javascript"), structs.replace(WANTED, model=""), "contentmodel"),
    "too large": (NONE, structs.replace(WANTED, text="é" * 51), "contenttoobig"),
    "empty": (NONE, structs.replace(WANTED, text=""), "emptypage"),
}


@pytest.mark.parametrize(("page", "wanted", "code"), PROBLEMS.values(), ids=PROBLEMS)
def test_what_cannot_be_written_is_refused_with_the_reason(page: RemotePage, wanted: DesiredPage, code: str) -> None:
    """Before anything is sent."""
    found = _step(page, wanted=wanted)
    assert isinstance(found, Refuse)
    assert found.code == code


def test_redirect_replaces_a_redirect() -> None:
    """A page that is to be one is no article in its place."""
    wanted = structs.replace(WANTED, text="#REDIRECT [[Port]]")
    assert isinstance(_step(structs.replace(THERE, redirect=True), wanted=wanted), Update)


def test_text_that_the_wiki_refused_is_not_sent_again() -> None:
    """Another one is."""
    earlier = Refuse("Moya", "spamblacklist", "No.")
    assert _step(NONE, earlier=earlier) == Refuse("Moya", "spamblacklist", "No.", "moya.txt")


def test_infobox_mode_changes_the_infobox_and_nothing_else() -> None:
    """It makes no page, and refuses or tells of a conflict where it must."""
    found = _step(THERE, "infobox", OURS)
    assert found == structs.replace(UPDATE, text=OLD.replace("1990", "1991"), ours=NEW)
    conflict = _step(THERE, "infobox")
    assert isinstance(conflict, Conflict)
    assert conflict.why == "year is '1990' on the page and '1991' in the article"
    assert isinstance(_step(NONE, "infobox"), Refuse)
    assert isinstance(_step(structs.replace(THERE, text="Bare."), "infobox"), Refuse)
    assert isinstance(_step(structs.replace(THERE, text=None), "infobox"), Refuse)
    merged = structs.replace(THERE, text=NEW.replace("New", "People's"))
    assert _step(merged, "infobox") == Keep("Moya", "moya.txt")


def test_step_holds_only_while_the_page_is_as_it_was() -> None:
    """What was reviewed is applied, and nothing else."""
    assert rechecked(UPDATE, THERE) == UPDATE
    assert rechecked(UPDATE, SAME) == Keep("Moya", "moya.txt")
    assert isinstance(rechecked(UPDATE, structs.replace(THERE, revision=8)), Conflict)
    assert isinstance(rechecked(UPDATE, NONE), Conflict)
    assert isinstance(rechecked(UPDATE, structs.replace(THERE, refusal=PROTECTED)), Refuse)
    create = Create("Moya", NEW)
    assert rechecked(create, NONE) == create
    assert rechecked(create, SAME) == Keep("Moya")
    assert isinstance(rechecked(create, THERE), Conflict)


def test_plan_that_changes_too_much_is_suspicious() -> None:
    """Of few pages any number may change, and new pages do not count."""
    assert not excess({"update": 9, "create": 1000}, Rules())
    assert not excess({"update": 3, "keep": 7, "refuse": 5}, Rules())
    assert "4 of 11 existing pages" in excess({"update": 4, "keep": 6, "conflict": 1, "create": 50}, Rules())
    assert not excess({"update": 20}, Rules(max_changes=100))


def test_second_page_of_a_title_is_refused() -> None:
    """Whatever the titles were before the wiki folded them."""
    steps = PlanStore()
    steps.add(Create("Moya", NEW, "a.txt"))
    second = steps.add(Create("Moya", OLD, "b.txt"))
    assert isinstance(second, Refuse)
    assert "a.txt is the page 'Moya' already" in second.why
    assert steps.counts == {"create": 1, "refuse": 1}
    steps.add(Create("Template:X", "x"), first=True)
    assert [each.title for each in steps.of("create", "refuse")] == ["Template:X", "Moya", "Moya"]
    steps.close()


def test_pages_are_held_within_bounds() -> None:
    """By number and by size."""
    pages = [DesiredPage(str(n), "x" * size) for n, size in enumerate([1, 1, 1, 50, 1, 9])]
    assert [[each.title for each in some] for some in batched(pages, 2, 10)] == [["0", "1"], ["2"], ["3"], ["4", "5"]]


STEPS: list[Step] = [
    Create("A\u202eB", "x\n", "a.txt"),
    UPDATE,
    Keep("K", why="there is such a page"),
    Conflict("C", "Ann edited it"),
    Refuse("R", "protectedpage", "No.", "r.txt"),
]


def test_plan_is_told_in_lines() -> None:
    """One for each step, and a table with the counts."""
    assert [described(each) for each in STEPS] == [
        r"create    A\u202eB (a.txt): +2 bytes",
        "update    Moya (moya.txt): -2 bytes, in place of revision 7",
        "keep      K: there is such a page",
        "conflict  C: Ann edited it",
        "refuse    R (r.txt): No. [protectedpage]",
    ]
    assert [*table({kind_of(each): 1200 for each in STEPS[:2]})] == [
        "create    1,200",
        "update    1,200",
        "keep          0",
        "conflict      0",
        "refuse        0",
    ]


def test_plan_in_a_file_reads_back() -> None:
    """Line by line; what is none is told with its place."""
    head = PlanHead("1a2b", "http://localhost/api.php", "Bot", "replace")
    assert read_head(head_line(head), "p") == head
    assert list(read_steps(map(step_line, STEPS), "p")) == STEPS
    with pytest.raises(UsageError, match=r"^p:1: this is no plan"):
        read_head(b"= Title =\n", "p")
    with pytest.raises(UsageError, match=r"^p:3: this is no step"):
        list(read_steps([step_line(STEPS[0]), b'{"step": "burn"}'], "p"))


@given(st.lists(lines(), max_size=5).map("\n".join))
def test_text_as_the_wiki_keeps_it_stays_so(text: str) -> None:
    """In NFC, without white space at its end."""
    assert kept(kept(text)) == kept(text)
    assert not kept(text).endswith(("\n", " ", "\t"))


def test_diff_is_safe_for_a_terminal() -> None:
    """Only what changes is shown, and nothing of it moves a cursor or hides."""
    before = "same\n" * 9 + "old \x1b[2J\n" + "same\n" * 9
    shown = list(unified(before, before.replace("old", "new\u202e"), "T\n"))
    assert shown[:3] == [r"--- T\n (now)", r"+++ T\n (new)", "@@ -7,7 +7,7 @@"]
    assert r"-old \x1b[2J" in shown
    assert r"+new\u202e \x1b[2J" in shown
    assert not list(unified("x", "x", "T"))


_texts_of_lines = st.lists(st.sampled_from("abcdefgh") | lines(1).filter(str.isprintable), max_size=20).map("\n".join)


@given(_texts_of_lines, _texts_of_lines)
def test_diff_gives_the_new_text_when_applied(before: str, after: str) -> None:
    assert _patched(before, list(unified(before, after, "T"))) == after


def _patched(text: str, diff: list[str]) -> str:
    """Apply a unified diff as ``patch`` does."""
    old, new, at = text.split("\n"), [], 0
    for line in diff[2:]:
        if line.startswith("@@"):
            start, _, count = line.split()[1][1:].partition(",")
            first = int(start) - (count != "0")
            new += old[at:first]
            at = first
            continue
        if line[0] != "+":
            assert old[at] == line[1:]
            at += 1
        if line[0] != "-":
            new.append(line[1:])
    return "\n".join(new + old[at:])


@pytest.mark.slow
def test_diff_of_lines_that_change_in_turn_is_linear() -> None:
    """Where every other line changes, and where the same few lines stand in another order."""
    numbers = [str(number) for number in range(100_000)]
    changed = [f"{number}{'x' * (number % 2)}" for number in range(100_000)]
    shown = list(unified("\n".join(numbers), "\n".join(changed), "T"))
    assert sum(line[0] == "+" for line in shown[2:]) == 50_000
    few = [str(number % 97) for number in range(100_000)]
    assert _patched("\n".join(few), list(unified("\n".join(few), "\n".join(few[::-1]), "T"))) == "\n".join(few[::-1])


def test_diff_of_lines_far_apart_shows_each_place() -> None:
    middle = "".join(f"{number}\n" for number in range(30_000))
    shown = list(unified(f"a\n{middle}b", f"c\n{middle}d", "T"))
    assert [line for line in shown[2:] if line[0] in "@+-"] == [
        "@@ -1,4 +1,4 @@", "-a", "+c", "@@ -29999,4 +29999,4 @@", "-b", "+d",
    ]  # fmt: skip
