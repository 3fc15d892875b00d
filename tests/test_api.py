"""What the package promises to those who import it, and which module may know which."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import convert
from convert.diagnostics import Diagnostic
from convert.errors import Rejected, UsageError

PACKAGE = Path(convert.__file__).parent
MODULES = {
    ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__"): path
    for path in sorted(PACKAGE.rglob("*.py"))
}

#: What stands lower may be imported by what stands higher; what stands side by side may not know each other.
LEVELS = (
    {"ast", "printable"},
    {"diagnostics", "errors", "profile"},
    {"nfc"},
    {"names", "titles"},
    {"wikitext"},
    {"infobox"},
    {"readers", "writers"},
    {"formats"},
    {"io"},
    {"inputs"},
    {"batch"},
    # Uploads what batch.converter makes of the inputs, as the preview shows it: one converter for all.
    {"upload"},
    {"preview"},
    {"cli"},
    {"__main__"},
)
#: A format's reader and writer may know each other: they share its facts.
KNOWN = {("writers", "readers"), ("readers", "writers")}

CORE = {
    "ast",
    "nfc",
    "printable",
    "diagnostics",
    "errors",
    "profile",
    "names",
    "titles",
    "wikitext",
    "infobox",
    "readers",
    "writers",
    "formats",
}
CORE_SHELLS = {
    "batch.converter",
    "batch.model",
    "inputs.article_bounds",
    "inputs.piece",
    "upload.plan",
    "upload.diff",
    "upload.merge",
    "upload.client.pages",
}
OUTSIDE = {"os", "pathlib", "time", "logging", "socket", "subprocess", "http", "urllib.request", "requests", "httpx"}


def imported(path: Path) -> Iterator[str]:
    """Name every module that a module imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.Import(names=names):
                yield from (each.name for each in names)
            case ast.ImportFrom(module=str(module), names=names):
                yield module
                yield from (f"{module}.{each.name}" for each in names)


def in_core(name: str) -> bool:
    below = name.removeprefix("convert").removeprefix(".")
    return below in CORE_SHELLS or below.split(".")[0] in CORE


def level(part: str) -> int:
    return next(number for number, parts in enumerate(LEVELS) if part in parts)


def test_exported_names() -> None:
    assert convert.__all__ == ["__version__", "convert", "read", "write"]
    assert all(hasattr(convert, name) for name in convert.__all__)


@pytest.mark.parametrize("name", [name for name in MODULES if name != "convert"])
def test_imports_point_one_way(name: str) -> None:
    part = name.split(".")[1]
    for other in imported(MODULES[name]):
        words = other.split(".")
        if other in MODULES and len(words) > 1 and words[1] != part:
            assert level(words[1]) < level(part) or (part, words[1]) in KNOWN, other


def test_no_module_imports_itself_by_way_of_others() -> None:
    graph = {name: {other for other in imported(path) if other in MODULES} for name, path in MODULES.items()}
    del graph["convert"]  # its functions import what they need when they are called
    TopologicalSorter(graph).prepare()


@pytest.mark.parametrize("name", [name for name in MODULES if in_core(name)])
def test_the_core_touches_nothing_outside(name: str) -> None:
    found = {word for other in imported(MODULES[name]) for word in (other, other.split(".")[0])}
    assert not found & OUTSIDE


def test_version_is_that_of_the_distribution() -> None:
    pyproject = (PACKAGE.parent / "pyproject.toml").read_text(encoding="utf-8")
    assert f'\nversion = "{convert.__version__}"\n' in pyproject


def test_texts_are_converted() -> None:
    text = "= A =\n\n[[a]]\n"
    (article,) = convert.read(text)
    assert convert.write(article) == "[&#91;a]]\n" == convert.convert(text)
    assert convert.write(article, "wikitext", markup="passthrough") == "[[a]]\n"
    assert convert.convert(convert.convert(text, "plain", "json"), "json", "plain") == text


def test_several_articles_become_one_text() -> None:
    text = "= A =\n\na\n\n= B =\n\nb\n"
    assert convert.convert(text, "plain", "plain") == text
    assert convert.convert(text) == "<!-- page: A -->\na\n\f\n<!-- page: B -->\nb\n"
    exported = convert.convert(text, "plain", "export")
    assert ["<id>1</id>" in exported, "<id>2</id>" in exported, exported.count("</mediawiki>")] == [True, True, 1]


def test_errors_raise_only_where_nobody_listens() -> None:
    with pytest.raises(Rejected, match=r"1:1: .* \[title-invalid\]"):
        convert.convert("= A|B =\n\na\n")
    said: list[Diagnostic] = []
    convert.convert("= A|B =\n\na\n", report=said.append)
    assert [each.code for each in said] == ["title-invalid"]


@pytest.mark.parametrize(("source", "target"), [("wikitext", "plain"), ("docx", "plain"), ("plain", "docx")])
def test_unknown_formats_are_wrong_usage(source: str, target: str) -> None:
    with pytest.raises(UsageError, match="is no format that can be"):
        convert.convert("= A =\n\na\n", source, target)
