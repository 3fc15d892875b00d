"""The command line itself: what it loads, what it forgives, and how it speaks."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import click
import pytest

from convert.cli import messages
from convert.cli import plainwiki as program
from convert.cli.configuration.file import PATHS
from convert.diagnostics import Diagnostic
from tests import FIXTURES
from tests.support.commands import articles, contents, plainwiki
from tests.support.running import ran

FOUND = Diagnostic("infobox-line", 8, 1, "50 %,\nall: 'x'")


def test_the_version_is_told_without_loading_what_is_heavy() -> None:
    program = "import sys; from convert.cli import main; main(['--version']); print(*sys.modules)"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, text=True)
    version, loaded = ran.stdout.splitlines()
    assert version.startswith("plainwiki ")
    heavy = {
        "msgspec",
        "lxml",
        "rich",
        "sqlite3",
        "importlib.metadata",
        "tomllib",
        "multiprocessing",
        "convert.formats",
    }
    assert not heavy & set(loaded.split())


def test_a_file_is_converted_without_loading_what_it_does_not_need(tmp_path: Path) -> None:
    program = "import sys; from convert.cli import main; main(sys.argv[1:]); print(*sys.modules)"
    source, target = FIXTURES / "articles" / "a-trip-to-the-moon.txt", tmp_path / "a.wiki"
    command = [sys.executable, "-c", program, "convert", str(source), "-o", str(target)]
    ran = subprocess.run(command, capture_output=True, check=True, text=True)
    assert target.read_text("utf-8").startswith("{{Infobox film")
    outside = (
        "asyncio hashlib json logging lxml mwparserfromhell pathlib rich socket sqlite3 ssl tempfile tomllib urllib xml"
    )
    ours = """batch.job.runner batch.job.worker convert.upload convert.preview dictionaries.files infobox.learn
        inputs.archives inputs.stream links.linking links.finder readers.json readers.markdown.reader
        readers.records.reader writers.html writers.parts.proof wikitext.dumps"""
    unneeded = {*outside.split(), *(f"convert.{name.removeprefix('convert.')}" for name in ours.split())}
    assert not unneeded & set(ran.stdout.splitlines()[-1].split())


def test_progress_is_loaded_for_terminals_only(tmp_path: Path) -> None:
    program = "import sys; from convert.cli import main; main(sys.argv[1:]); print('rich' in sys.modules)"
    command = [sys.executable, "-c", program, "batch", "-", "-o", str(tmp_path / "o.jsonl")]
    ran = subprocess.run(command, capture_output=True, check=True, input=b"= A =\n")
    assert ran.stdout == b"False\n"


@pytest.mark.parametrize(
    ("form", "line"),
    [
        (messages.text, "a,b.txt:8:1: warning: 50 %,\nall: 'x' [infobox-line]"),
        (messages.github, "::warning file=a%2Cb.txt,line=8,col=1::50 %25,%0Aall: 'x' [infobox-line]"),
    ],
)
def test_forms_of_diagnostics(form: messages.Write, line: str) -> None:
    pieces = form("a,b.txt", FOUND)
    assert "".join(each if isinstance(each, str) else each.text for each in pieces) == line


def test_diagnostics_as_json_are_objects() -> None:
    (line,) = messages.as_json("a.txt", FOUND)
    assert json.loads(line) == {
        "file": "a.txt",
        "line": 8,
        "column": 1,
        "severity": "warning",
        "code": "infobox-line",
        "message": FOUND.message,
    }


@pytest.mark.parametrize(("option", "colored"), [([], False), (["--color"], True), (["--no-color"], False)])
def test_color_is_for_terminals_and_for_those_who_ask(option: list[str], colored: bool) -> None:
    assert colored == (b"\x1b[31m" in plainwiki("convert", *option, given=b"").stderr)


@pytest.mark.parametrize("given", [b"", b"= A|B =\n\nx\n", b"= A|B =\n\nx\n\n= A|C =\n\nx\n"])
def test_output_of_nothing_is_no_file(tmp_path: Path, given: bytes) -> None:
    ran = plainwiki("convert", "-o", tmp_path / "a.wiki", given=given)
    assert ran.returncode == 1
    assert not contents(tmp_path)


def test_json_lines_are_lines_even_if_there_is_one(tmp_path: Path) -> None:
    plainwiki("convert", "-o", tmp_path / "a.jsonl", given=b"= A =\n")
    assert (tmp_path / "a.jsonl").read_bytes() == b'{"format":"plainwiki-article-2","title":"A"}\n'


def test_output_may_be_the_input(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"=A=\na\n")
    assert plainwiki("convert", path, "-t", "plain", "-o", path).returncode == 0
    assert path.read_bytes() == b"= A =\n\na\n"


def test_output_through_a_link_leaves_the_link(tmp_path: Path) -> None:
    (tmp_path / "link.wiki").symlink_to(tmp_path / "real.wiki")
    plainwiki("convert", "-o", tmp_path / "link.wiki", given=b"= A =\n\na\n")
    assert (tmp_path / "link.wiki").is_symlink()
    assert (tmp_path / "real.wiki").read_bytes() == b"a\n"


@pytest.mark.parametrize("target", ["wikitext", "export", "xml", "json", "plain"])
def test_convert_and_batch_make_the_same_text_of_an_article(tmp_path: Path, target: str) -> None:
    (tmp_path / "a.txt").write_bytes(articles(1))
    plainwiki("batch", tmp_path / "a.txt", "-t", target, "-o", tmp_path / "out/")
    ((_, text),) = contents(tmp_path / "out").items()
    assert plainwiki("convert", tmp_path / "a.txt", "-t", target).stdout == text


HARD = {
    "one line": "= Long =\n\n" + "word " * 1_000_000,
    "one word": "= Long =\n\n" + "x" * 5_000_000,
    "headings": "= Long =\n\n" + "== x ==\n" * 100_000,
    "nested list": "= Long =\n\n" + "\n".join(" " * depth + "- x" for depth in range(2000)),
    "list marks": "= Long =\n\n" + "\n".join("*" * min(depth, 900) + " x" for depth in range(1, 100_000, 50)),
    "list": "= Long =\n\n" + "- x\n" * 100_000,
    "fields": "= Long =\n\nInfobox\n" + "".join(f"- k{number}: v\n" for number in range(50_000)),
    "titles": "".join(f"= {number} =\n\nx\n\n" for number in range(20_000)),
    "equals signs": "= Long =\n\n" + "=" * 1_000_000 + "\n" + "= " * 500_000,
    "openings": "= Long =\n\n" + "[[{{''<b" * 200_000,
    "controls": "= Long =\n\n" + "".join(map(chr, range(1, 32))) * 50_000,
}


@pytest.mark.slow
@pytest.mark.parametrize("name", HARD)
def test_hard_texts_are_converted(name: str) -> None:
    ran = plainwiki("convert", "-t", "wikitext", "-q", given=HARD[name].encode())
    assert (ran.returncode, ran.stderr) == (0, b"")
    assert ran.stdout


@pytest.mark.parametrize("name", ["deep JSON", "deep XML", "entities", "foreign entity"])
def test_hard_records_are_rejected(name: str, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    deep = '{"format":"plainwiki-article-1","title":"x","sections":[{"level":2,"heading":"x","sections":['
    bomb = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    records = {
        "deep JSON": deep + '{"level":2,"heading":"x","sections":[' * 100_000,
        "deep XML": "<article>" + "<section>" * 100_000,
        "entities": f'<!DOCTYPE article [<!ENTITY e0 "x">{bomb}]><article><title>&e9;</title></article>',
        "foreign entity": f'<!DOCTYPE article [<!ENTITY e SYSTEM "file://{tmp_path}/secret">]>'
        '<article xmlns="urn:plainwiki:article:1"><title>&e;</title></article>',
    }
    format = "json" if "JSON" in name else "xml"
    ran = plainwiki("convert", "-f", format, "-t", "plain", given=records[name].encode())
    assert ran.returncode == 1
    assert ran.stderr.startswith(b"<stdin>:1:")
    assert b"Traceback" not in ran.stderr
    assert b"secret" not in ran.stdout + ran.stderr.replace(bytes(tmp_path), b"")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            ("--links", "batch", "--links-threshold", "nan"),
            "'--links-threshold': 'nan' is no number: give one such as 0.5",
        ),
        (
            ("--links", "batch", "--links-threshold", "0,5"),
            "'--links-threshold': '0,5' is no number: give one such as 0.5",
        ),
        (("--links", "batch", "--links-threshold", "2"), "2.0 is not in the range 0<=x<=1"),
        (("--threshold", "NaN"), "'--threshold': 'NaN' is no number"),
        (
            ("--links-never", "Islay"),
            "--links-never says which links are made, and --links makes none: name its sources",
        ),
        (
            ("--links", "batch", "--links-never", "[[Islay]]"),
            "--links-never '[[Islay]]' is neither a text nor a title: give it as readers see it",
        ),
        (("--links", "batch", "--markup", "passthrough"), "--links and --markup passthrough do not go together"),
        (("--links", ""), "--links has an empty name: give batch, wiki, or the file of a dictionary"),
    ],
)
def test_choices_of_links_are_numbers_and_need_a_source(tmp_path: Path, options: tuple[str, ...], message: str) -> None:
    (tmp_path / "a.txt").write_text("= Islay =\n\nAn island.\n")
    ran = plainwiki("convert", tmp_path / "a.txt", *options)
    assert (ran.returncode, ran.stdout, message in ran.stderr.decode()) == (2, b"", True), ran.stderr


@pytest.mark.parametrize(
    "words",
    [
        ("convert", "a.jsonl", "--links", "a.links", "-o", "a.links"),
        ("convert", "a.jsonl", "--profile", "a.links", "-o", "link.links"),
        ("batch", "a.jsonl", "-o", "a.jsonl"),
        ("batch", "a.jsonl", "-o", "b.jsonl", "--report", "a.jsonl"),
        ("batch", "a.jsonl", "-o", "b.jsonl", "--links", "a.links", "--summary", "link.links"),
    ],
)
def test_what_is_read_is_not_written_over(words: Sequence[str], tmp_path: Path) -> None:
    for name in ("a.jsonl", "a.links"):
        (tmp_path / name).write_text('{"title": "Islay", "text": "An island."}\n')
    (tmp_path / "link.links").symlink_to("a.links")
    before = contents(tmp_path)
    files = [str(tmp_path / word) if "." in word else word for word in words]
    result = plainwiki(*files)
    assert result.returncode == 2
    assert b"is read and would be written over: name another file to write" in result.stderr
    assert contents(tmp_path) == before


def test_paths_of_a_configuration_are_relative_to_its_folder(tmp_path: Path) -> None:
    """Wherever the command runs, and what is no path stays."""
    (tmp_path / "inputs" / "deep").mkdir(parents=True)
    for name in ("a", "b"):
        (tmp_path / "inputs" / f"{name}.txt").write_text(f"= {name.upper()} Dog =\n\nA Dog, and B Dog.\n")
    (tmp_path / "plainwiki.toml").write_text(
        'catalogue = "missing.json"\n[batch]\nlinks = ["batch"]\noutput = "pages"\n[wikis.x]\napi = "http://a"\n'
    )
    told = ran(tmp_path / "inputs" / "deep", "batch", "..")
    assert told.status == 3
    assert f"{tmp_path / 'missing.json'}" in told.err
    (tmp_path / "missing.json").write_text("{}")
    (tmp_path / "plainwiki.toml").write_text('[batch]\nlinks = ["batch"]\noutput = "pages"\n')
    done = ran(tmp_path / "inputs" / "deep", "batch", "..")
    assert done.status == 0, done.err
    assert sorted(path.name for path in (tmp_path / "pages").iterdir()) == ["A Dog.wiki", "B Dog.wiki"]


def test_every_option_that_takes_a_path_is_known() -> None:
    """As one whose value in a configuration is relative to it."""
    context = click.Context(program)

    def options(command: click.Command) -> set[str]:
        if isinstance(command, click.Group):
            below = (command.get_command(context, name) for name in command.list_commands(context))
            return {name for each in below if each for name in options(each)}
        return {
            option.opts[-1].removeprefix("--")
            for option in command.params
            if isinstance(option, click.Option) and isinstance(option.type, click.Path) and option.expose_value
        }

    assert options(program) == PATHS
