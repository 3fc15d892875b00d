"""The documents hold what they promise: generated parts are current, links lead somewhere, commands exist and work."""

from __future__ import annotations

import builtins
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest

import convert
from convert.cli import COMMANDS, help, plainwiki
from tests import ROOT
from tests.servers.wiki import APP_PASSWORD, Wiki
from tests.support.sessions import environment
from tests.tools import documents

MAX_README_LINES = 130

#: What pages for contributors give as code, and is none of ours.
NOT_OURS = {"generated", "make", "plainwiki.formats", "plainwiki.toml", "pyproject.toml", "sudo", "NAME"}

each_page = pytest.mark.parametrize("page", documents.PAGES, ids=lambda page: str(page.relative_to(ROOT)))


@each_page
def test_generated_parts_are_current(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert text.count("<!-- generated: ") == text.count("<!-- end -->")
    assert documents.rewritten(text) == text


@each_page
def test_links_lead_to_files_and_headings(page: Path) -> None:
    broken = []
    for link in documents.links(page.read_text(encoding="utf-8")):
        path, _, anchor = link.partition("#")
        target = page.parent / path if path else page
        if not target.exists() or (anchor and anchor not in documents.anchors(target.read_text(encoding="utf-8"))):
            broken.append(link)
    assert broken == []


@each_page
def test_paths_of_the_project_exist(page: Path) -> None:
    named = documents.paths(page.read_text(encoding="utf-8"))
    assert [path for path in sorted(named) if not list(ROOT.glob(path))] == []


@pytest.mark.parametrize("name", ["ARCHITECTURE.md", "CONTRIBUTING.md"])
def test_names_of_the_code_exist(name: str) -> None:
    named = documents.names((ROOT / name).read_text(encoding="utf-8")) - NOT_OURS
    assert sorted(each for each in named - documents.defined() if not hasattr(builtins, each)) == []


@each_page
def test_commands_and_their_options_exist(page: Path) -> None:
    unknown = []
    for program, *words in documents.commands(page.read_text(encoding="utf-8")):
        known = _targets if program == "make" else _options
        unknown += [f"{program} {' '.join(words)}: {problem}" for problem in known(words)]
    # What the pages show to be mistakes.
    assert [each for each in unknown if "konvert" not in each and "--frm" not in each] == []


def _targets(words: list[str]) -> list[str]:
    targets = [word for word in words if re.fullmatch("[a-z-]+", word)]
    return [each for each in targets[:1] if each not in documents.targets()]


def _options(words: list[str]) -> list[str]:
    """Return the words of a command line that plainwiki does not know."""
    found: click.Command = plainwiki
    context = click.Context(found)
    while isinstance(found, click.Group) and words and not words[0].startswith("-"):
        word, *words = words
        below = found.get_command(context, word)
        if below is None:
            return [] if re.search(r"[A-Z…]", word) else [word]
        found = below
    options = {name for each in found.params for name in (*each.opts, *each.secondary_opts)} | {"--help", "-h"}
    return [word for word in words if re.fullmatch("--[a-z-]+", word) and word not in options]


def test_readme_is_short() -> None:
    assert len(documents.README.read_text(encoding="utf-8").splitlines()) <= MAX_README_LINES


@pytest.mark.slow
def test_quick_start_works_as_pasted(tmp_path: Path) -> None:
    """All but what installs, in the order of README; the preview writes files instead of waiting for a person."""
    text = documents.README.read_text(encoding="utf-8")
    block = re.search(r"\n\n((?: {4}.+\n)+)", text.partition("## Quick start")[2])
    assert block
    venv, pip, *commands = [line.strip() for line in block[1].splitlines()]
    assert venv.startswith("python3 -m venv .venv")
    assert pip.startswith("pip install")
    assert commands[-1].startswith("plainwiki preview ")
    commands[-1] += " --export out/preview"
    shutil.copytree(ROOT / "fixtures" / "articles", tmp_path / "fixtures" / "articles")
    script = "\n".join(["set -e", *commands])
    ran = subprocess.run(
        ["sh", "-c", script], cwd=tmp_path, env=environment(tmp_path), capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.startswith("{{Infobox UK place\n")
    assert (tmp_path / "out" / "site" / "index.html").exists()
    assert (tmp_path / "out" / "preview" / "index.html").exists()


def test_example_of_readme_is_what_comes_out() -> None:
    text = documents.README.read_text(encoding="utf-8").partition("## What you get")[2]
    lines = re.findall(r"^ {4}(.*)$|^$(?=\n {4}\S)", text.partition("Nobody named")[0].strip(), re.MULTILINE)
    column = max(line.find("{{Infobox") for line in lines)
    article = "\n".join(line[:column].replace("→", "").strip() for line in lines)
    page = "\n".join(line[column:] for line in lines).strip()
    assert convert.convert(article, "markdown") == f"{page}\n"


def test_cheat_sheet_is_what_the_reader_does() -> None:
    """An article of the left column, line by line as the sheet says, is read as the right column says."""
    marks = [re.split(r" {3,}", line.strip())[0] for line in help.FORMAT.splitlines()]
    assert len(marks) == 12
    title, heading, text, bullet, number, infobox, field, value, categories, table, code, plain = marks
    kept = f"{table}\n|---|---|\n{table}\n\n{code}\nx\n```"
    lines = [title, "", infobox, field, f"- Key 2:\n  {value}\n  {value}", "", text, "", plain, "", heading]
    article = "\n".join([*lines, bullet, f"  {bullet}", "", number, "", kept, "", categories, "- Name", "", title, ""])
    (first, second) = convert.read(article)
    assert first.title == second.title == "Title"
    assert [(each.key, each.values) for each in first.infoboxes[0].fields] == [
        ("Key", ("value",)),
        ("Key 2", ("value", "value")),
    ]
    assert convert.write(first, infobox="X") == (
        "{{X\n| key = value\n| key_2 = value<br>value\n}}\nSome text.\n\n"
        "[&#91;x]] {&#123;x}} '&#39;'x'&#39;'\n\n"
        "== Heading ==\n* item\n** item\n\n# item\n\n"
        '{| class="wikitable"\n! a\n! b\n|-\n| a\n| b\n|}\n\n'
        '<syntaxhighlight lang="python">\nx\n</syntaxhighlight>\n\n[[Category:Name]]\n'
    )


@pytest.mark.parametrize("words", [[], *[[each] for each in (*help.TOPICS, *COMMANDS)], ["templates", "learn"]])
def test_help_explains_every_topic_and_command(words: list[str], capfd: pytest.CaptureFixture[str]) -> None:
    assert convert.cli.main(["help", *words]) == 0
    assert capfd.readouterr().out.strip()


def test_program_of_the_guide_publishes(wiki: Wiki, tmp_path: Path) -> None:
    text = (ROOT / "fixtures" / "guide" / "python.md").read_text(encoding="utf-8")
    (program,) = re.findall(r"^```python wiki\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    address = {"WIKI": f"{wiki.address}/api.php", "PLAINWIKI_PASSWORD": APP_PASSWORD, "PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-c", program], cwd=tmp_path, env={**environment(tmp_path), **address}, check=True)
    (revision,) = wiki.revisions("Moya")
    assert revision.text == "{{Infobox ship\n| year = 1999\n}}\nA ship."


def test_documents_are_in_the_source_distribution() -> None:
    pyproject = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert [path.name for path in ROOT.glob("*.md") if f'"{path.name}"' not in pyproject] == []


def test_packages_have_a_map() -> None:
    """The docstring of a package names each of its modules and packages."""
    package = Path(convert.__file__).parent
    missing = []
    for path in sorted(package.rglob("__init__.py")):
        if path.parent == package:
            continue
        text = path.read_text(encoding="utf-8").split('"""')[1] if path.stat().st_size else ""
        below = [each for each in path.parent.iterdir() if each.suffix == ".py" or (each / "__init__.py").exists()]
        names = sorted(each.stem for each in below if each.name != "__init__.py")
        missing += [
            os.path.join(path.parent.name, name) for name in names if not re.search(rf"^ +{name}\b", text, re.MULTILINE)
        ]
    assert missing == []
