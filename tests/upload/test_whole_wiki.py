"""What pages need beside their text: categories, sort keys, short descriptions, files."""

from __future__ import annotations

import json
import os
import struct
import subprocess
import zlib
from pathlib import Path

import pytest

from convert.ast import Article, Paragraph, Text
from convert.batch.model import Task
from convert.batch.observer import Observer
from convert.batch.progress import Silent
from convert.diagnostics import Severity
from convert.inputs.sources import Selection
from convert.options import ConversionOptions
from convert.profile import NAMESPACES, WikiProfile
from convert.readers.records.options import RecordOptions
from convert.upload.client import credentials
from convert.upload.client.media.media import CHUNK_BYTES
from convert.upload.desired.categories import TEXT, categories_of
from convert.upload.desired.desired_pages import DesiredPages, Inputs
from convert.upload.files.named_files import NamedFiles
from convert.upload.plan import Create, Keep
from convert.upload.plan_store import PlanStore
from convert.writers import wikitext
from convert.writers.wikitext import WikitextOptions
from tests import ROOT
from tests.servers.proxy import Fault, Proxy, none
from tests.servers.wiki import ADMIN, APP, APP_PASSWORD, EDITOR, Wiki
from tests.support.commands import PROGRAM, TIMEOUT_S

GERMAN = WikiProfile(namespaces={**NAMESPACES, 14: "Kategorie"})


@pytest.mark.parametrize(
    ("text", "categories"),
    [
        ("[[Category:ships]] [[category: Ships |key]]", ["Category:Ships"] * 2),
        ("[[:Category:Ships]] [[Ships]] [[Kategorie:Ships]]", []),
        ("<!-- [[Category:A]] --> <nowiki>[[Category:B]]</nowiki> [[Category:C]]", ["Category:C"]),
        ("[[Category:A<b>]] [[Category:]] [[Category:{{b}}]]", []),
    ],
)
def test_categories_of_a_page_are_known(text: str, categories: list[str]) -> None:
    assert list(categories_of(text, WikiProfile())) == categories


def test_categories_are_called_as_on_the_wiki() -> None:
    assert list(categories_of("[[Category:a]] [[Kategorie:b]]", GERMAN)) == ["Kategorie:A", "Kategorie:B"]


@pytest.mark.parametrize("token", ["[[Category:", "<nowiki>", "<!--", "<nowiki ", "</nowiki ", "[["])
def test_categories_of_hostile_text_are_read(token: str) -> None:
    assert list(categories_of(token * 50_000, WikiProfile())) == []


def test_category_that_pages_name_gets_a_page_unless_it_has_one(tmp_path: Path) -> None:
    (tmp_path / "Moya.wiki").write_text("[[Category:Ships]] [[Category:Leviathans]]")
    (tmp_path / "Talyn.txt").write_text("= Talyn =\n\nA ship.\n\nCategories:\n- Ships\n- Warships\n")
    (tmp_path / "Category%3AShips.wiki").write_text("All ships. [[Category:Things]]")
    inputs = Inputs([str(tmp_path)], Selection(), Task("wikitext", "text", ConversionOptions()), with_categories=True)
    observer = Observer(lambda source, told: None, Severity.ERROR, Silent())
    pages = list(DesiredPages(inputs, WikiProfile(), observer))
    made = [page.title for page in pages if page.text == TEXT]
    assert sorted(made) == ["Category:Leviathans", "Category:Things", "Category:Warships"]
    assert all(page.only_missing for page in pages if page.text == TEXT)


def test_plan_lists_articles_first() -> None:
    """And carries the templates out first."""
    steps = PlanStore()
    steps.add(Create("Moya", "a"))
    steps.add(Create("Template:Infobox", "b"), first=True)
    steps.add(Keep("Talyn"))
    assert [step.title for step in steps.of("create", "keep", first_last=True)] == ["Moya", "Talyn", "Template:Infobox"]
    assert [step.title for step in steps.of("create", "keep")] == ["Template:Infobox", "Moya", "Talyn"]
    steps.close()


# ── Facts of a page


def _written(metadata: dict[str, str], profile: WikiProfile = WikiProfile()) -> str:
    article = Article("Moya", lead=(Paragraph((Text("A ship."),)),), categories=("Ships",), metadata=metadata)
    return wikitext.page(article, _never, WikitextOptions(profile=profile))


def _never(told: object) -> None:
    raise AssertionError(told)


@pytest.mark.parametrize("name", ["defaultsort", "DEFAULTSORT", "sort_key", "sort-key", "Sort key", "meta.sortkey"])
def test_sort_key_stands_before_the_categories(name: str) -> None:
    assert _written({name: "Moya, the"}) == "A ship.\n\n{{DEFAULTSORT:Moya, the}}\n[[Category:Ships]]"


@pytest.mark.parametrize("value", ["", " ", "{{}}", "[[|]]"])
def test_sort_key_of_nothing_is_none(value: str) -> None:
    assert _written({"defaultsort": value}) == _written({})


def test_sort_key_can_hold_nothing_alive() -> None:
    hostile = "a}}{{b|c [[d]] <e> ~~~~ ''f'' __NOTOC__ &amp; g\nh"
    assert "{{DEFAULTSORT:a b c d e f NOTOC amp; g h}}" in _written({"defaultsort": hostile})


def test_short_description_is_written_where_the_wiki_knows_it() -> None:
    metadata = {"short_description": "A living ship"}
    assert _written(metadata) == _written({})
    described = _written(metadata, WikiProfile(short_descriptions=True))
    assert described.startswith("{{SHORTDESC:A living ship}}\nA ship.")


def test_facts_come_from_fields_of_records(tmp_path: Path) -> None:
    record = {"title": "Moya", "text": "A ship.", "defaultsort": "moya"}
    (tmp_path / "in.jsonl").write_text(json.dumps(record))
    fields = RecordOptions(metadata=True)
    task = Task("wikitext", "text", ConversionOptions(metadata=True))
    inputs = Inputs([str(tmp_path / "in.jsonl")], Selection(fields=fields), task)
    observer = Observer(lambda source, told: None, Severity.ERROR, Silent())
    assert [page.text for page in DesiredPages(inputs, WikiProfile(), observer)] == ["A ship.\n\n{{DEFAULTSORT:moya}}"]


# ── Files


def _picture(seed: bytes, size: int = 0) -> bytes:
    """Return a PNG of about so many bytes, which no other has."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    noise = (seed * (size // len(seed) + 1))[: max(size, len(seed))]
    head = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    parts = (chunk(b"IHDR", head), chunk(b"IDAT", zlib.compress(b"\0\0")), chunk(b"teSt", noise), chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


@pytest.mark.parametrize(
    ("text", "named", "missing"),
    [
        ("[[File:a.png|thumb]] [[image: A.png]] [[:File:a.png]]", ["File:A.png"], []),
        ("{{Infobox\n| image = a.png\n| logo = B c.svg\n| site = example.org\n}}", ["File:A.png"], ["File:B c.svg"]),
        ("<gallery>\nFile:a.png|A\nsub d.jpg\n</gallery>", ["File:A.png", "File:Sub d.jpg"], []),
        ("See a.png and [[a.png]].", [], []),
    ],
)
def test_files_that_a_page_names_are_found(tmp_path: Path, text: str, named: list[str], missing: list[str]) -> None:
    (tmp_path / "below").mkdir()
    for name in ("a.png", "below/Sub_d.jpg", "unused.png", ".hidden.png"):
        (tmp_path / name).write_bytes(b"x")
    files = NamedFiles(str(tmp_path), WikiProfile())
    files.note(text, "")
    assert (sorted(files.named), sorted(files.missing)) == (named, missing)


@pytest.mark.parametrize("token", ["[[File:", "=a.b", "\na.", "| a.png", "  "])
def test_files_in_hostile_text_are_looked_for(tmp_path: Path, token: str) -> None:
    files = NamedFiles(str(tmp_path), WikiProfile())
    files.note(token * 50_000, "")
    assert files.named == {}


def _upload(folder: Path, address: str, *arguments: str, user: str = ADMIN) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PLAINWIKI", "XDG"))}
    there = {**kept, "HOME": str(folder), "PYTHONPATH": str(ROOT), credentials.PASSWORD: APP_PASSWORD}
    command = [*PROGRAM, "upload", *arguments, "--wiki", f"{address}/api.php", "--user", f"{user}@{APP}", "--yes"]
    return subprocess.run(
        command, cwd=folder, env=there, input="", capture_output=True, text=True, timeout=TIMEOUT_S, check=False
    )


def _sha1(wiki: Wiki, title: str) -> str:
    answer = wiki.api(action="query", titles=title, prop="imageinfo", iiprop="sha1")
    (page,) = answer["query"]["pages"]
    return str(page["imageinfo"][0]["sha1"]) if "imageinfo" in page else ""


def test_files_that_articles_name_are_uploaded_once(wiki: Wiki, tmp_path: Path) -> None:
    """A large one in chunks; with the licence that the article tells; whatever is there is left alone."""
    (tmp_path / "files").mkdir()
    small, large = _picture(b"small picture"), _picture(os.urandom(1 << 16), 2 * CHUNK_BYTES + 99)
    for name, content in (("Files a.png", small), ("Files_b.png", large), ("Files unused.png", _picture(b"unused"))):
        (tmp_path / "files" / name).write_bytes(content)
    infobox = "Infobox ship\n- Name: Moya\n- Image: Files a.png\n"
    records = [
        {"title": "Files Moya", "text": f"= Files Moya =\n\n{infobox}\nA ship.\n", "licence": "{{CC-BY-4.0}}"},
    ]
    (tmp_path / "in.jsonl").write_text("".join(f"{json.dumps(record)}\n" for record in records))
    (tmp_path / "Files Talyn.wiki").write_text("[[File:Files b.png|thumb]] A ship.")
    asked = ("in.jsonl", "Files Talyn.wiki", "--files", "files", "--licence-field", "licence")
    with wiki.troubled(variables={"wgEnableUploads": True}), Proxy(wiki.address) as proxy:
        lost = iter([True])
        proxy.faults = lambda asked: Fault.RESET_AFTER if asked.action == "upload" and next(lost, False) else None
        done = _upload(tmp_path, proxy.address, *asked)
        assert done.returncode == 0, done.stderr
        assert "file      File:Files a.png (files/Files a.png): +" in done.stdout
        assert proxy.count("upload") >= 5
        again = _upload(tmp_path, proxy.address, *asked)
        assert (again.returncode, "nothing to do" in again.stderr) == (0, True), again.stderr
        assert wiki.revisions("File:Files a.png")[0].text.endswith("{{CC-BY-4.0}}")
        assert _sha1(wiki, "File:Files b.png")
        assert not _sha1(wiki, "File:Files unused.png")
        (tmp_path / "files" / "Files a.png").write_bytes(_picture(b"another picture"))
        (tmp_path / "files" / "Files_b.png").unlink()
        (tmp_path / "Files Zhaan.wiki").write_text("[[File:Files c.png]] [[File:Files d.png]]")
        (tmp_path / "files" / "Files c.png").write_bytes(small)
        other = _upload(tmp_path, proxy.address, *asked, "Files Zhaan.wiki")
    assert other.returncode == 1
    assert "no file   File:Files a.png: the wiki has another file of this name" in other.stdout
    assert "no file   File:Files d.png: pages name it, and neither the folder nor the wiki has it" in other.stdout
    assert "the wiki has the same file under another name: Files_a.png [duplicate]" in other.stderr


def test_plan_in_a_file_has_the_files(wiki: Wiki, tmp_path: Path) -> None:
    """Behind the pages; applied from anywhere, resumable, and only as they were when they were planned."""
    (tmp_path / "files").mkdir()
    for name in ("Planned a.png", "Planned b.png", "Planned c.png"):
        (tmp_path / "files" / name).write_bytes(_picture(name.encode()))
    page = "[[File:Planned a.png]] [[File:Planned b.png]] [[File:Planned c.png]] [[File:Planned d.png]]"
    (tmp_path / "Planned Moya.wiki").write_text(page)
    with wiki.troubled(variables={"wgEnableUploads": True}), Proxy(wiki.address) as proxy:
        planned = _upload(tmp_path, proxy.address, "Planned Moya.wiki", "--files", "files", "--plan", "plan.jsonl")
        assert planned.returncode == 1, planned.stderr
        lines = [json.loads(line) for line in (tmp_path / "plan.jsonl").read_text().splitlines()]
        assert [line["step"] for line in lines[1:]] == ["create", "file", "file", "file", "no-file"]
        assert proxy.count("upload") == 0
        (tmp_path / "files" / "Planned c.png").write_bytes(_picture(b"another"))
        (tmp_path / "elsewhere").mkdir()
        proxy.faults = lambda asked: Fault.RESET_BEFORE if asked.fields.get("filename") == "Planned b.png" else None
        _upload(tmp_path / "elsewhere", proxy.address, "--apply", "../plan.jsonl", "--patience", "0")
        proxy.faults = none
        applied = _upload(tmp_path / "elsewhere", proxy.address, "--apply", "../plan.jsonl")
    assert applied.returncode == 1, applied.stderr
    assert "no file   File:Planned c.png: " in applied.stdout
    assert "Planned c.png is not as it was when it was planned: make the plan again" in applied.stdout
    assert [bool(_sha1(wiki, f"File:Planned {letter}.png")) for letter in "abcd"] == [True, True, False, False]
    assert wiki.revisions("Planned Moya")[0].text == page


def test_wiki_that_takes_no_files_says_so_once(wiki: Wiki, tmp_path: Path) -> None:
    (tmp_path / "files").mkdir()
    for name in ("Closed a.png", "Closed b.png"):
        (tmp_path / "files" / name).write_bytes(_picture(name.encode()))
    (tmp_path / "Closed Moya.wiki").write_text("[[File:Closed a.png]] [[File:Closed b.png]]")
    done = _upload(tmp_path, wiki.address, "Closed Moya.wiki", "--files", "files", user=EDITOR)
    assert done.returncode == 1
    assert done.stderr.count("uploaddisabled") == 1, done.stderr
    assert wiki.revisions("Closed Moya")
