"""Pages as they are: what ``batch`` writes, an upload takes, and dumps are read as MediaWiki's importer reads them."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pyarrow
import pyarrow.parquet
import pytest

from convert.batch.model import Task
from convert.batch.observer import Observer
from convert.batch.progress import Silent
from convert.diagnostics import Severity
from convert.inputs.sources import Selection
from convert.io.compression import pack
from convert.options import ConversionOptions
from convert.profile import WikiProfile
from convert.upload.client.pages import RemotePage
from convert.upload.desired.desired_pages import DesiredPages, Inputs
from convert.upload.desired.dump_titles import local_title
from convert.upload.plan import Create, DesiredPage, Refuse, Rules, decide
from convert.wikitext.dumps import DumpPage, dump_pages
from tests.support.commands import plainwiki

ARTICLES = "= Moya =\n\nInfobox ship\n- Name: Moya\n\nA ship & ''more''.\n\n\n= Talyn =\n\nA ship of {{two}}.\n"
SITE = (
    '<siteinfo><namespaces><namespace key="0" /><namespace key="10">Vorlage</namespace>'
    '<namespace key="14">Kategorie</namespace><namespace key="102">Portal</namespace></namespaces></siteinfo>\n'
)


class Read:
    """The pages of inputs, and what was told of them."""

    def __init__(self, *paths: str | Path, format: str = "", markup: str = "literal") -> None:
        self.told: list[tuple[str, int]] = []
        options = ConversionOptions(markup=markup)  # type: ignore[arg-type]
        inputs = Inputs([str(path) for path in paths], Selection(format), Task("wikitext", "text", options))
        observer = Observer(lambda _, told: self.told.append((told.code, told.line)), Severity.INFO, Silent())
        desired = DesiredPages(inputs, WikiProfile(), observer)
        self.pages = list(desired)
        self.rejected = desired.summary.rejected

    @property
    def texts(self) -> dict[str, str]:
        """The texts by title."""
        return {page.title: page.text for page in self.pages}


def _dump(*pages: str, site: str = SITE) -> str:
    return f'<mediawiki xmlns="http://www.mediawiki.org/xml/export-0.10/">\n{site}{"".join(pages)}</mediawiki>\n'


def _page(title: str, *revisions: tuple[str, str], number: int | None = 0, model: str = "wikitext") -> str:
    namespace = "" if number is None else f"<ns>{number}</ns>"
    written = "".join(
        f"<revision><id>{at}</id><timestamp>{time}</timestamp><model>{model}</model><text>{text}</text></revision>"
        for at, (time, text) in enumerate(revisions, 1)
    )
    return f"<page><title>{title}</title>{namespace}{written}</page>\n"


NEW, OLD = ("2021-01-01T00:00:00Z", "new"), ("2020-01-01T00:00:00Z", "old")


# ── What batch writes


@pytest.mark.parametrize(
    ("target", "output"),
    [("wikitext", name) for name in ("o.jsonl", "o.jsonl.gz", "o.jsonl.zst", "o.parquet", "o/")]
    + [("export", name) for name in ("o.xml", "o.xml.gz", "o.xml.bz2", "o.xml.zst", "o/", "o.jsonl", "o.parquet")],
)
def test_what_batch_writes_is_taken_as_it_is(tmp_path: Path, target: str, output: str) -> None:
    source = tmp_path / "ships.txt"
    source.write_text(ARTICLES)
    out = tmp_path / output
    done = plainwiki("batch", source, "-t", target, "-o", f"{out}{'/' * output.endswith('/')}", "-q")
    assert done.returncode == 0, done.stderr
    read = Read(out)
    assert read.texts == Read(source).texts
    assert read.rejected == 0
    assert "{{Infobox ship" in read.texts["Moya"]


def test_text_of_several_pages_is_taken_as_it_is(tmp_path: Path) -> None:
    """From a file, whatever it is called."""
    source = tmp_path / "ships.txt"
    source.write_text(ARTICLES)
    done = plainwiki("convert", source, "-t", "wikitext")
    for name in ("several.wiki", "several.mediawiki", "several.txt"):
        (tmp_path / name).write_bytes(done.stdout)
        assert Read(tmp_path / name).texts == Read(source).texts


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_pages_in_a_file_are_known_with_any_line_ends(tmp_path: Path, ends: str) -> None:
    """A form feed within a page begins no other one."""
    several = "<!-- page: Moya -->|A|\f|B|\f<!-- page: Talyn -->|C|\f|<!-- page: Rygel -->|D|".replace("|", ends)
    (tmp_path / "several.wiki").write_bytes(several.encode())
    read = Read(tmp_path / "several.wiki")
    assert read.texts == {"Moya": "A\n\ufffd\nB", "Talyn": "C", "Rygel": "D"}
    assert read.told == [("control-character", 3)]


def test_archive_of_pages_is_read_as_the_folder(tmp_path: Path) -> None:
    """Files of wikitext, of several pages, of articles, and dumps, in any archive."""
    folder = tmp_path / "pages"
    folder.mkdir()
    (folder / "Moya.wiki").write_text("{{a}} [[b]]")
    (folder / "more.mediawiki").write_text("<!-- page: Zhaan -->\n''c''\n\f\n<!-- page: Rygel -->\nd")
    (folder / "Talyn.txt").write_text("= Talyn =\n\n''e''\n")
    (folder / "dump.xml").write_text(_dump(_page("Crais", NEW)))
    with (
        zipfile.ZipFile(tmp_path / "p.zip", "w", zipfile.ZIP_DEFLATED) as zipped,
        tarfile.open(tmp_path / "p.tar", "w") as tar,
    ):
        for path in sorted(folder.iterdir()):
            zipped.write(path, path.name)
            tar.add(path, path.name)
    expected = Read(folder)
    assert expected.texts.keys() == {"Moya", "Zhaan", "Rygel", "Talyn", "Crais"}
    for name in ("p.zip", "p.tar"):
        read = Read(tmp_path / name)
        assert (read.texts, read.told) == (expected.texts, expected.told), name


def test_long_title_is_that_of_its_folders(tmp_path: Path) -> None:
    title = "A" + "bc " * 80 + "d"
    (tmp_path / "in.txt").write_text(f"= {title} =\n\nText.\n")
    assert plainwiki("batch", tmp_path / "in.txt", "-t", "wikitext", "-o", f"{tmp_path}/o/").returncode == 0
    assert list(Read(tmp_path / "o").texts) == [title]


# ── Records


def _lines(path: Path, *records: object) -> Path:
    path.write_text("".join(f"{json.dumps(record)}\n" for record in records))
    return path


def test_field_with_wikitext_is_a_page(tmp_path: Path) -> None:
    rows = [{"title": "Moya", "wikitext": "{{a|b}} ''c''", "id": 1}, {"title": 1984, "wikitext": "d"}]
    table = tmp_path / "rows.parquet"
    pyarrow.parquet.write_table(pyarrow.table({"title": ["Moya", "1984"], "wikitext": ["{{a|b}} ''c''", "d"]}), table)
    (tmp_path / "rows.csv").write_text("title,wikitext\nMoya,{{a|b}} ''c''\n1984,d\n")
    for path in (_lines(tmp_path / "rows.jsonl", *rows), table, tmp_path / "rows.csv"):
        assert Read(path).texts == {"Moya": "{{a|b}} ''c''", "1984": "d"}, path


def test_page_without_a_text_costs_itself(tmp_path: Path) -> None:
    rows = [
        {"title": "Moya", "wikitext": "a"},
        {"title": "Talyn", "wikitext": None},
        {"title": "Rygel", "wikitext": ""},
    ]
    read = Read(_lines(tmp_path / "rows.jsonl", *rows))
    assert read.texts == {"Moya": "a", "Rygel": ""}  # which the plan refuses
    assert read.told[1:] == [("record-field", 2)]


def test_records_are_pages_where_that_is_said(tmp_path: Path) -> None:
    record = {"name": "Moya", "text": "{{a}} 5 < 6"}
    path = _lines(tmp_path / "rows.jsonl", record, {"text": "no title"}, {"name": "Talyn", "text": 5})
    read = Read(path, format="wikitext")
    assert read.texts == {"Moya": "{{a}} 5 < 6", "Talyn": "5"}
    assert (read.told, read.rejected) == ([("record-field", 2)], 1)
    (tmp_path / "rows.json").write_text(json.dumps([record]))
    assert Read(tmp_path / "rows.json", format="wikitext").texts == {"Moya": "{{a}} 5 < 6"}


def test_record_that_may_be_a_page_or_an_article_is_left_to_a_person(tmp_path: Path) -> None:
    path = _lines(
        tmp_path / "rows.jsonl",
        {"title": "Moya", "text": "A ship of {{two}}."},
        {"title": "Talyn", "text": "{{Infobox ship\n| name = Talyn\n}}\nA ship."},
        {"title": "Zhaan", "text": "#REDIRECT [[Moya]]"},
    )
    read = Read(path)
    assert list(read.texts) == ["Moya"]
    assert (read.told, read.rejected) == ([("markup-unsure", 2), ("markup-unsure", 3)], 2)
    for told in (Read(path, format="plain").told, Read(path, markup="passthrough").told):
        assert "markup-unsure" not in [code for code, _ in told]
    assert Read(path, format="wikitext").texts["Talyn"].startswith("{{Infobox ship\n")


def test_articles_in_records_stay_articles(tmp_path: Path) -> None:
    """With the fields that batch writes, too."""
    plain = {"title": "Moya", "text": "= Moya =\n\nA ''ship''.", "source": "a.txt"}
    for record in (plain, {"title": "Moya", "text": "A ''ship''.", "source": "a.txt"}):
        assert Read(_lines(tmp_path / "rows.jsonl", record)).texts["Moya"] == "A '&#39;ship'&#39;."


# ── Folders and archives


def test_folders_and_archives_hold_pages_and_articles(tmp_path: Path) -> None:
    dump = _dump(_page("Vorlage:Ship", NEW, number=10)).encode()
    files = {
        "a/Moya%2Fx.wiki": b"''m''",
        "b.xml.gz": gzip.compress(dump),
        "c.txt": b"= Talyn =\n\n''t''\n",
        "d.wiki.bz2": bz2.compress(b"''d''"),
        "e.png": b"\x89PNG\0",
    }
    for name, content in files.items():
        path = tmp_path / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    with tarfile.open(tmp_path / "in.tar.gz", "w:gz") as archive:
        archive.add(tmp_path / "in", "in")
    with tarfile.open(tmp_path / "in.tar", "w") as archive:
        archive.add(tmp_path / "in", "in")
    wanted = {"Moya/x": "''m''", "Template:Ship": "new", "Talyn": "'&#39;t'&#39;", "D": "''d''"}
    for path in (tmp_path / "in", tmp_path / "in.tar.gz", tmp_path / "in.tar"):
        read = Read(path)
        assert (read.texts, [code for code, _ in read.told]) == (wanted, ["passed-over"]), path


@pytest.mark.parametrize("packed", [bytes, gzip.compress, bz2.compress, lzma.compress, lambda text: pack(text, "zst")])
def test_dump_is_read_however_it_is_packed_and_called(tmp_path: Path, packed: Callable[[bytes], bytes]) -> None:
    for text in (_dump(_page("Moya", NEW)).encode(), _dump(_page("Moya", NEW)).encode("utf-16")):
        (tmp_path / "dump").write_bytes(packed(text))
        assert Read(tmp_path / "dump").texts == {"Moya": "new"}
        assert Read(tmp_path / "dump", format="export").texts == {"Moya": "new"}


# ── Dumps


@pytest.mark.parametrize(
    ("page", "title"),
    [
        (DumpPage("Vorlage:A", "", 10, prefix="Vorlage"), "Template:A"),
        (DumpPage("Kategorie:A:b", "", 14), "Category:A:b"),
        (DumpPage("Portal:A", "", 100, prefix="Portal"), "Portal:A"),
        (DumpPage("Modul:A", "", 828, prefix="Modul"), "Modul:A"),
        (DumpPage("Vorlage:A", "", 100, prefix="template"), "Template:A"),
        (DumpPage("A", "", 100), "Ns100:A"),
        (DumpPage("Thread:A", "", 90), "Thread:A"),
        (DumpPage("Star Trek: A", ""), "Star Trek: A"),
    ],
)
def test_namespace_of_another_wiki_is_known_by_its_number_and_else_by_its_name(page: DumpPage, title: str) -> None:
    assert local_title(page, WikiProfile()) == title


def test_latest_revision_counts_wherever_it_stands() -> None:
    dump = _dump(
        _page("A", NEW, OLD), _page("B", OLD, NEW), _page("C", OLD), _page("C", NEW), _page("D", NEW), _page("D", OLD)
    )
    assert [page.text for page in dump_pages(io.BytesIO(dump.encode()), _never)] == ["new"] * 4


def test_dump_without_numbers_of_namespaces_tells_them_by_its_names() -> None:
    dump = _dump(_page("Vorlage:A", NEW, number=None), _page("Other:A", NEW, number=None))
    pages = list(dump_pages(io.BytesIO(dump.encode()), _never))
    assert [(page.namespace, page.prefix) for page in pages] == [(10, "Vorlage"), (0, "")]


def test_several_dumps_stand_in_one_stream(tmp_path: Path) -> None:
    (tmp_path / "two.xml").write_text(
        _dump(_page("Vorlage:A", NEW, number=10)) + '<?xml version="1.0"?>\n' + _dump(_page("B", NEW), site="")
    )
    assert list(Read(tmp_path / "two.xml").texts) == ["Template:A", "B"]


def test_damage_is_told_and_the_rest_is_kept(tmp_path: Path) -> None:
    """With its place."""
    dump = _dump(_page("A", NEW), _page("B", ("2020", "b\x0b")), _page("C", ("2020", "&#1;")), _page("D", NEW))
    (tmp_path / "bad.xml").write_text(dump[:-5])
    read = Read(tmp_path / "bad.xml")
    assert list(read.texts) == ["A", "D"]
    assert (read.told, read.rejected) == ([("dump-damaged", 4), ("dump-damaged", 5), ("dump-truncated", 7)], 3)


@pytest.mark.parametrize("size", [40, 77, 200])
def test_damage_is_found_wherever_a_stream_is_cut(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("convert.wikitext.dumps._CHUNK", size)
    bad = ("</mediawiki>", "<page>", "<page <", "junk & junk", "<page ><title>Z</foo>", _page("X", ("2020", "\x0b")))
    for first in bad:
        for second in bad:
            dump = _dump(_page("A", NEW), first, _page("B", NEW), second, _page("C", NEW))
            titles = [page.title for page in dump_pages(io.BytesIO(dump.encode()), lambda told: None)]
            assert titles[0] == "A"
            assert titles[-1] == "C"


def test_text_that_a_dump_does_not_have_is_not_published(tmp_path: Path) -> None:
    hidden = '<page><title>A</title><revision><timestamp>2020</timestamp><text deleted="deleted" /></revision></page>'
    stub = '<page><title>B</title><revision><text id="7" bytes="4" /></revision></page>'
    (tmp_path / "dump.xml").write_text(_dump(hidden, stub, "<page><title>C</title></page>", "<logitem></logitem>"))
    read = Read(tmp_path / "dump.xml")
    assert (read.pages, read.rejected) == ([], 3)
    assert sorted(code for code, _ in read.told) == ["dump-page"] * 3 + ["dump-part"]


def test_text_longer_than_a_document_may_be_is_left_out() -> None:
    dump = _dump(_page("A", ("2020", "a" * 2_000)), _page("B", NEW))
    assert [page.text for page in dump_pages(io.BytesIO(dump.encode()), _never, 1_000)] == ["", "new"]


@pytest.mark.parametrize("token", ["<page>\x0b", "<page ", "</mediawiki><mediawiki>", "<a>", "<page></page>", "<!--"])
def test_hostile_dump_ends(token: str) -> None:
    assert list(dump_pages(io.BytesIO(_dump(token * 20_000).encode()), lambda told: None)) is not None


def test_content_model_is_kept_or_refused() -> None:
    """Nothing becomes wikitext that is none, and only --scripts lets it through."""
    desired = DesiredPage("Data.json", "{}", model="json")
    page = RemotePage("Data.json", "2026-01-01T00:00:00Z")
    refused = decide(desired, page, None, None, Rules(), WikiProfile())
    assert isinstance(refused, Refuse)
    assert refused.code == "contentmodel"
    made = decide(desired, page, None, None, Rules(scripts=True), WikiProfile())
    assert isinstance(made, Create)
    assert made.model == "json"


def _never(told: object) -> None:
    raise AssertionError(told)
