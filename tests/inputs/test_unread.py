"""What is not read of folders, archives and addresses is counted and told, and patterns choose."""

from __future__ import annotations

import gzip
import io
import json
import lzma
from collections import Counter
from pathlib import Path

import pyarrow
import pyarrow.parquet
import pytest
from hypothesis import given
from hypothesis import strategies as st

from convert.batch.observer import Observer
from convert.batch.one_shot import check
from convert.batch.progress import Silent
from convert.batch.report.html import report
from convert.batch.report.summary import Summary
from convert.diagnostics import Diagnostic, Severity
from convert.inputs import decompress
from convert.inputs.files.passed_over import NO_SUFFIX, PassedOver, suffix_of
from convert.inputs.files.patterns import Patterns, Verdict
from convert.inputs.selection import Selection
from convert.io.compression import pack
from tests.inputs.test_containers import TASK, message, records, refusals, tarred, texts, zipped
from tests.support.commands import plainwiki

ARTICLE = b"= %s =\n\nText.\n"
RECORD = b'{"title": "%s", "text": "Text."}\n'


def table() -> bytes:
    buffer = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.table({"title": ["Table"], "text": ["Text."]}), buffer)
    return buffer.getvalue()


FILES = {
    "a.txt": ARTICLE % b"A",
    "deep/b.TEXT": ARTICLE % b"B",
    "deep/wiki_00": ARTICLE % b"C",
    "part.01": RECORD % b"D",
    "e.txt.gz": gzip.compress(ARTICLE % b"E"),
    "f.jsonl.zst": pack(RECORD % b"F", "zst"),
    "g.ndjson": RECORD % b"G",
    "h.parquet": table(),
    "packed": gzip.compress(RECORD % b"H"),
    "wiki_01.bz2": pack(ARTICLE % b"I", "bz2"),
    "notes.rst": b"# N\n",
    "deep/more.rst": b"# M\n",
    "deep/sheet.xls": b"\xd0\xcf\x11\xe0\0\0",
    "README": b"Read me.\n",
    "program": b"\x7fELF\0\0",
    "x.rst.gz": gzip.compress(b"# X\n"),
    ".hidden.txt": ARTICLE % b"Hidden",
}
TITLES = ["A", "B", "C", "D", "E", "F", "G", "H", "I", "Table"]
PASSED_OVER = {".rst": 2, ".xls": 1, NO_SUFFIX: 2, ".gz": 1}


def written(folder: Path, files: dict[str, bytes]) -> Path:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


def checked(*paths: Path | str, selection: Selection = Selection()) -> tuple[Summary, list[Diagnostic]]:
    told: list[Diagnostic] = []
    observer = Observer(lambda source, remark: told.append(remark), Severity.INFO, Silent())
    return check([str(path) for path in paths], selection, TASK, 1, observer), told


@pytest.mark.parametrize("kind", ["folder", "a.tar", "a.tar.gz", "a.zip", "address"])
def test_everything_is_read_or_counted(tmp_path: Path, kind: str) -> None:
    if kind in ("folder", "address"):
        place = written(tmp_path / "in", FILES)
    else:
        place = tmp_path / kind
        content = zipped(FILES) if kind == "a.zip" else tarred({f"./{name}": text for name, text in FILES.items()})
        place.write_bytes(gzip.compress(content) if kind.endswith("gz") else content)
    path = f"file://{place}" if kind == "address" else str(place)
    assert sorted(each.title for each in records(path) if not each.refusal) == TITLES
    summary, told = checked(path)
    assert (summary.passed_over, summary.rejected, summary.written) == (Counter(PASSED_OVER), 0, len(TITLES))
    (remark,) = (each for each in told if each.code == "passed-over")
    assert remark.message.startswith("6 files passed over: 2 ")
    assert remark.message.endswith(": give -f FORMAT to read all of them, or --include PATTERN for some")
    assert {each.code for each in told} >= {"content-type"}


@pytest.mark.parametrize("kind", ["folder", "a.tar", "a.zip"])
def test_where_nothing_is_read_that_is_an_error(tmp_path: Path, kind: str) -> None:
    for number, files in enumerate([{"a.rst": b"x", "b.rst": b"x"}, {}]):
        folder = tmp_path / str(number)
        folder.mkdir()
        if kind == "folder":
            path = written(folder / "in", files) if files else folder
        else:
            path = folder / kind
            path.write_bytes(zipped(files) if kind == "a.zip" else tarred(files))
        found = records(path)
        assert [code for _, _, code in refusals(found)] == ["empty"]
        where = "folder" if kind == "folder" else "archive"
        assert message(found) == (
            f"nothing in the {where} is read: 2 files passed over: 2 .rst: give -f FORMAT to read all of them"
            if files
            else f"there is no file in the {where}"
        )


def test_a_folder_with_nothing_but_unknown_contents_is_an_error(tmp_path: Path) -> None:
    found = records(written(tmp_path / "in", {"README": b"Read me."}))
    assert refusals(found) == [("in", "", "empty")]
    summary, _ = checked(tmp_path / "in", written(tmp_path / "other", {"a.txt": ARTICLE % b"A"}))
    assert (summary.written, summary.rejected, summary.passed_over) == (1, 1, {NO_SUFFIX: 1})


def test_all_shows_of_a_run_have_the_counts_and_so_has_the_next_run(tmp_path: Path) -> None:
    written(tmp_path / "in", FILES)
    command = ("batch", tmp_path / "in", "-o", tmp_path / "in" / "out.jsonl", "--exclude", "*.rst", "-t", "plain")
    line = b"10 read = 10 written + 0 rejected"
    for before in (b"", b"; all of it was done before"):
        ran = plainwiki(*command, "--summary", tmp_path / "s.json", "--report", tmp_path / "r.html")
        assert ran.returncode == 0
        assert line + before + b"; 4 files passed over: " in ran.stderr
        assert b"; 2 files left out" in ran.stderr
        figures = json.loads((tmp_path / "s.json").read_bytes())
        assert figures["passed_over"] == {NO_SUFFIX: 2, ".gz": 1, ".xls": 1}
        assert figures["left_out"] == 2
        assert figures["diagnostics"]["passed-over"] == 1
        assert "<b>4</b> <span>2 without a suffix, " in (tmp_path / "r.html").read_text()
    assert plainwiki(*command, "--strict").returncode == 1
    (tmp_path / "in" / "new.pdf").write_bytes(b"x")
    ran = plainwiki(*command)
    assert line + b"; all of it was done before; 5 files passed over: " in ran.stderr


def test_a_report_shows_no_more_than_some_suffixes() -> None:
    passed_over = PassedOver()
    for number in range(1000):
        passed_over.add(f"x.a{number}")
    assert len(passed_over.suffixes) == 201
    assert passed_over.suffixes.total() == 1000
    summary = Summary(passed_over=passed_over.suffixes)
    assert "files passed over" in report(summary, [], "out")
    assert summary.unread[0].endswith(" others")


@pytest.mark.parametrize(
    ("name", "suffix"),
    [
        ("a.txt", ".txt"), ("a.TXT", ".txt"), ("wiki_00", ""), ("part.01", ""), ("St. Ives", ""), (".profile", ""),

        ("a.tar.gz", ".gz"), ("x/y.d/z", ""), ("a.7z", ".7z"), ("a." + "b" * 40, ""),
        ("a.\x1b[31m", ""), ("a\n.rst", ".rst"),
    ],
)  # fmt: skip
def test_suffixes(name: str, suffix: str) -> None:
    assert suffix_of(name) == suffix


@given(st.text())
def test_a_suffix_can_be_shown(name: str) -> None:
    assert suffix_of(name).isprintable()


# ── A format, and patterns


@pytest.mark.parametrize("kind", ["folder", "a.tar", "a.zip"])
def test_a_format_that_is_named_reads_files_of_any_suffix(tmp_path: Path, kind: str) -> None:
    files = {
        "a.rst": b"= A =\n",
        "b.csv2": b"= B =\n",
        "c": b"Text.\n",
        "d.json": b"= D =\n",
        "e.rst.gz": gzip.compress(b"= E =\n"),
    }
    files |= {"f.png": b"\x89PNG\r\n\0\0", "g.jsonl": RECORD % b"G"}
    path = tmp_path / kind
    if kind == "folder":
        written(path, files)
    else:
        path.write_bytes(zipped(files) if kind == "a.zip" else tarred(files))
    found = records(path, selection=Selection("plain"))
    assert [each.title for each in found if not each.refusal] == ["A", "B", "c", "D", "E", "G"]
    assert refusals(found) == [("f.png", "f", "binary")]


TREE = ["a.txt", "a.rst", "en/b.txt", "en/b.rst", "en/deep/c.txt", "de/d.txt", "drafts/e.txt", "en/drafts/f.txt"]


@pytest.mark.parametrize(
    ("include", "exclude", "read"),
    [
        ([], [], "a b c d e f"),
        (["*.rst"], [], "A B"),
        (["en"], [], "b c f"),
        (["en/*"], [], "b c f"),
        (["en/*.txt"], [], "b"),
        (["en/**/*.txt"], [], "b c f"),
        (["**/c.txt"], [], "c"),
        (["/a.txt"], [], "a"),
        (["en/b.*"], [], "b"),
        (["en/b.rst"], [], "B"),
        ([], ["drafts"], "a b c d"),
        ([], ["drafts/"], "a b c d"),
        ([], ["/drafts"], "a b c d f"),
        ([], ["*.txt"], ""),
        (["en", "a.*"], ["**/drafts/**"], "a b c"),
        (["[ad].txt"], [], "a d"),
    ],
)
@pytest.mark.parametrize("kind", ["folder", "a.tar", "a.zip", "address"])
def test_patterns_choose_files(tmp_path: Path, include: list[str], exclude: list[str], read: str, kind: str) -> None:
    files = {
        name: b"= %s =\n" % (Path(name).stem.upper() if name.endswith("rst") else Path(name).stem).encode()
        for name in TREE
    }
    path = str(tmp_path / kind)
    if kind in ("folder", "address"):
        path = ("file://" if kind == "address" else "") + str(written(Path(path), files))
    else:
        Path(path).write_bytes(zipped(files) if kind == "a.zip" else tarred(files))
    selection = Selection(patterns=Patterns(tuple(include), tuple(exclude)))
    found = records(path, selection=selection)
    assert sorted(each.title for each in found if not each.refusal) == sorted(read.split())
    summary, _ = checked(path, selection=selection)
    total = summary.passed_over.total() + summary.left_out + summary.written
    assert total == len(TREE)


@given(
    st.lists(st.sampled_from(["*", "**", "a", "b*", "/", "?"]), max_size=30).map("".join), st.text("ab/", max_size=300)
)
def test_patterns_take_any_path(pattern: str, path: str) -> None:
    assert Patterns((pattern,), ()).verdict(path) in Verdict
    assert Patterns((), (pattern,)).verdict(path) in Verdict


def test_patterns_of_many_wildcards_take_time_linear_in_the_path() -> None:
    patterns = Patterns(("**/*a*a*a*a*b/" * 9 + "x.txt",), ())
    assert patterns.verdict("a" * 200 + "/" + "a/" * 10_000) is Verdict.LEFT_OUT


# ── Packed members


def test_packed_members_may_become_no_more_than_the_archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decompress, "HARMLESS_BYTES", 1 << 20)
    packed = gzip.compress(b"= A =\n\n" + b"word " * 100_000)
    (tmp_path / "a.tar").write_bytes(tarred({f"{number}.txt.gz": packed for number in range(4)}))
    found = records(tmp_path / "a.tar", selection=Selection(max_expansion=20))
    assert [each.refusal.code if each.refusal else "" for each in found] == ["", "", "too-large", "too-large"]
    assert "as in an archive bomb" in str(found[-1].refusal)


def test_a_damaged_member_costs_only_itself(tmp_path: Path) -> None:
    members = {
        "a.txt.gz": gzip.compress(ARTICLE % b"A")[:-9],
        "b.txt": ARTICLE % b"B",
        "c.parquet": table()[:-5],
        "d.gz": b"x",
    }
    for path, content in ((tmp_path / "a.tar", tarred(members)), (tmp_path / "a.zip", zipped(members))):
        path.write_bytes(content)
        found = records(path)
        assert [each.title for each in found if not each.refusal] == ["B"]
        assert [(name, code) for name, _, code in refusals(found)] == [
            ("a.txt.gz", "damaged"), ("c.parquet", "damaged"), ("d.gz", "damaged"),
        ]  # fmt: skip


def test_a_large_packed_member_is_cut_as_the_file_is(tmp_path: Path) -> None:
    stream = b"".join(ARTICLE % str(number).encode() + b"word " * 200 + b"\n\n" for number in range(3000))
    (tmp_path / "s.txt").write_bytes(stream)
    (tmp_path / "a.tar").write_bytes(tarred({"s.txt.xz": lzma.compress(stream)}))
    assert texts(records(tmp_path / "a.tar")) == texts(records(tmp_path / "s.txt"))


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (zipped({"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<w/>"}), "an office document"),
        (zipped({"mimetype": b"application/epub+zip", "a.xhtml": b"<html/>"}), "an office document"),
        (b"7z\xbc\xaf\x27\x1c\0\4", "a 7z archive"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "a PDF document"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF\0", "a picture"),
    ],
    ids=["docx", "epub", "7z", "pdf", "jpeg"],
)
def test_what_is_no_text_is_named(tmp_path: Path, content: bytes, kind: str) -> None:
    for name in ("a.docx", "b.txt", "c"):
        (tmp_path / name).write_bytes(content)
        found = records(tmp_path / name)
        assert [code for _, _, code in refusals(found)] == ["binary"]
        assert message(found).startswith(f"it is {kind}, whatever its name says: ")
    summary, _ = checked(tmp_path)
    assert (summary.passed_over, summary.rejected) == ({".docx": 1, NO_SUFFIX: 1}, 1)


# ── All together


EXTRACT = b'<doc id="%d" url="u" title="Extract %d">\nText.\n</doc>\n'
ODD = {
    "latin1.txt": "= Größe =\n".encode("latin-1"),
    "marked.txt": "= Marked =\n\nText.\n".encode("utf-16"),
    "unmarked.txt": "= Unmarked =\n\nText.\n".encode("utf-16-le"),
    "nothing.txt": b"",
    "picture.txt": b"\x89PNG\r\n\0\0",
    "archive.txt": zipped({"a.txt": b"= X =\n"}),
    "page.wiki": b"Text.\n",
    "half.txt.gz": gzip.compress(b"= Half =\n\n" + bytes(range(256)) * 40)[:-20],
    "half.json": b'{"title": ',
    "several.xml": b"<article",
    "AA/wiki_02": EXTRACT % (1, 1) + EXTRACT % (2, 2) + b"Lost.\n",
    "pages.text": b"{{-start-}}\n'''P'''\np\n{{-stop-}}\n{{-start-}}\nq\n{{-stop-}}\n",
    "sheet.csv": b"title,text\nRow,Text.\n",
    "answer.json": b'[{"title": "In an array", "text": "Text."}]',
    "AB/all.tar.xz": lzma.compress(tarred({f"in/{name}": content for name, content in FILES.items()})),
    "AB/none.zip": zipped({"a.rst": b"", "b.png": b"\0"}),
    "AB/broken.tar": tarred({"c.txt": b"= Broken =\n" + b"word " * 200})[:700],
}


def test_a_folder_of_every_shape_adds_up(tmp_path: Path) -> None:
    """Each file, and each member of an archive, is written, rejected or passed over, also on the second run."""
    written(tmp_path / "in", {**FILES, **ODD})
    files = len([name for name in FILES if not name.startswith(".")])
    total = files + len(ODD) - 3 + files + 2 + 1  # three archives have members instead
    for _ in range(2):
        ran = plainwiki(
            "batch", tmp_path / "in", "-t", "plain", "-o", tmp_path / "o.jsonl", "--summary", tmp_path / "s.json"
        )
        assert ran.returncode == 1
        figures = json.loads((tmp_path / "s.json").read_bytes())
        kept = [json.loads(line)["source"] for line in (tmp_path / "o.jsonl").read_text().splitlines()]
        rejects = [json.loads(line) for line in (tmp_path / "o.jsonl.rejects.jsonl").read_text().splitlines()]
        assert (figures["written"], figures["rejected"]) == (len(kept), len(rejects))
        assert figures["read"] == figures["written"] + figures["rejected"]
        nothing_in = {each["source"] for each in rejects if each["code"] == "empty" and each["source"].endswith(".zip")}
        found = {*kept, *(each["source"] for each in rejects)} - nothing_in
        assert len(nothing_in) == 1
        assert len(found) + sum(figures["passed_over"].values()) == total
    assert {each["code"] for each in rejects} == {
        "binary", "damaged", "empty", "encoding", "item-untitled", "json-syntax", "text-outside", "xml-syntax",
    }  # fmt: skip
