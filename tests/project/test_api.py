"""What the package promises to those who import it, and which module may know which."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from graphlib import TopologicalSorter
from importlib import import_module
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

import convert
from convert import options
from convert.ast import Article
from convert.diagnostics import Diagnostic
from convert.errors import Rejected, UsageError
from convert.expressions import Expression
from convert.infobox.match import Rule

PACKAGE = Path(convert.__file__).parent
MODULES = {
    ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__"): path
    for path in sorted(PACKAGE.rglob("*.py"))
}

#: What stands lower may be imported by what stands higher; what stands side by side may not know each other.
LEVELS = (
    {"expressions"},
    {"ast", "printable", "trails"},
    {"diagnostics", "errors", "profile"},
    {"nfc"},
    {"names", "page_facts", "profile_file", "titles"},
    {"wikitext"},
    {"infobox"},
    {"links"},
    {"readers", "writers"},
    {"formats", "options"},
    {"io"},
    {"inputs"},
    # On disk, and of the inputs' dumps.
    {"dictionaries"},
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
    "expressions",
    "nfc",
    "printable",
    "diagnostics",
    "errors",
    "profile",
    "profile_file",
    "trails",
    "names",
    "titles",
    "wikitext",
    "infobox",
    "links",
    "readers",
    "writers",
    "formats",
    "options",
}
CORE_SHELLS = {
    "batch.converter",
    "batch.model",
    "inputs.bounds.article_bounds",
    "inputs.piece",
    "upload.plan",
    "upload.plan_lines",
    "upload.diff",
    "upload.files.file_steps",
    "upload.merging.call",
    "upload.merging.earlier",
    "upload.merging.merge",
    "upload.merging.names",
    "upload.merging.pairs",
    "upload.merging.places",
    "upload.merging.rows",
    "upload.client.pages",
}
#: More modules than this in one folder, and nobody finds the one that is needed: part the folder.
MAX_MODULES = 15
OUTSIDE = {"os", "pathlib", "time", "logging", "socket", "subprocess", "http", "urllib.request", "requests", "httpx"}


@cache
def imported(path: Path) -> tuple[str, ...]:
    """Name every module that a module imports, wherever in it."""
    return tuple(_imported(path))


def _imported(path: Path) -> Iterator[str]:
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
    assert convert.__all__ == ["__version__", "convert", "link", "match", "read", "read_one", "write"]
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


@pytest.mark.parametrize("name", MODULES)
def test_expressions_of_modules_are_compiled_when_they_are_used(name: str) -> None:
    found = {ast.unparse(call.func) for call in _calls_at_import(ast.parse(MODULES[name].read_text(encoding="utf-8")))}
    assert "re.compile" not in found, "use convert.expressions.expression"


def _calls_at_import(node: ast.AST) -> Iterator[ast.Call]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Call):
            yield child
        if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            yield from _calls_at_import(child)


def test_every_expression_can_be_compiled() -> None:
    expressions = [value for name in MODULES for value in vars(import_module(name)).values()]
    compiled = [each.groups for each in expressions if isinstance(each, Expression)]
    assert len(compiled) > 300


def test_folders_are_small() -> None:
    modules = Counter(path.parent for path in MODULES.values())
    assert {str(folder.relative_to(PACKAGE)): count for folder, count in modules.items() if count > MAX_MODULES} == {}


@pytest.mark.parametrize("name", [name for name in MODULES if in_core(name)])
def test_the_core_touches_nothing_outside(name: str) -> None:
    found = {word for other in imported(MODULES[name]) for word in (other, other.split(".")[0])}
    assert not found & OUTSIDE


@pytest.mark.parametrize("name", [name for name in MODULES if in_core(name)])
def test_what_says_frozen_holds_nothing_mutable(name: str) -> None:
    for node in ast.walk(ast.parse(MODULES[name].read_text(encoding="utf-8"))):
        if isinstance(node, ast.ClassDef) and "frozen=True" in map(ast.unparse, (*node.keywords, *_arguments(node))):
            for field in node.body:
                if isinstance(field, ast.AnnAssign):
                    kind = ast.unparse(field.annotation)
                    assert not re.search(r"\b(list|dict|set|Counter|bytearray)\[", kind), f"{node.name}: {kind}"


def _arguments(node: ast.ClassDef) -> Iterator[ast.keyword]:
    for decorator in node.decorator_list:
        if isinstance(decorator, ast.Call):
            yield from decorator.keywords


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
    with pytest.raises(UsageError, match=r"unknown (in|out)put format"):
        convert.convert("= A =\n\na\n", source, target)


def test_options_are_those_of_the_formats() -> None:
    text = "= A|B =\n\nInfobox\n- Name: a\n\na\nb\n"
    page = convert.convert(text, titles="replace", infobox="Infobox ship", paragraphs="line")
    assert page == "{{Infobox ship\n| name = a\n}}\na\n\nb\n"
    with pytest.raises(UsageError, match=r"reading xml has no option 'paragraphs': choose from line, title"):
        convert.read("<article/>", "xml", paragraphs="line")
    with pytest.raises(UsageError, match=r"writing json has no option 'align': leave it out"):
        convert.write(Article("A"), "json", align=True)
    with pytest.raises(
        UsageError, match=r"plain to json has no option 'align': choose from articles, checked, continues, detok"
    ):
        convert.convert(text, "plain", "json", align=True)


def test_unknown_options_are_wrong_usage_and_a_type_error() -> None:
    # With warn_unused_ignores, mypy fails on these lines unless it finds the names wrong itself.
    with pytest.raises(UsageError, match="no option 'infobx'"):
        convert.convert("", infobx="Infobox ship")  # type: ignore[call-arg]
    with pytest.raises(UsageError, match="no option 'paragraph'"):
        convert.read("", paragraph="line")  # type: ignore[call-arg]
    with pytest.raises(UsageError, match="no option 'value'"):
        convert.write(Article("A"), value="typed")  # type: ignore[call-arg]
    with pytest.raises(UsageError, match="no option 'values'"):
        convert.match(Article("A"), values="typed")  # type: ignore[call-arg]
    with pytest.raises(UsageError, match="no option 'text_feld'"):
        options.named(text_feld="body")  # type: ignore[call-arg]


def test_matching_says_what_each_infobox_is() -> None:
    (article,) = convert.read("= A =\n\nInfobox\n- Name: a\n\nInfobox ship\n- Weather: fine\n\na\n")
    first, second = convert.match(article, infobox="Infobox river")
    assert (first.template, first.origin) == ("Infobox river", "option")
    assert (second.template, [name for name, _ in second.leftovers]) == ("Infobox ship", [])
    assert convert.match(article, rules=(Rule("Infobox lake", key="na*"),))[0].origin == "rule"


def test_one_article_is_read_from_a_text_of_one() -> None:
    assert convert.read_one("= A =\n\nText.\n").title == "A"
    with pytest.raises(UsageError, match="several articles: 'read' yields them all"):
        convert.read_one("= A =\n\nText.\n\n= B =\n\nText.\n")
    with pytest.raises(UsageError, match="the text has no article"):
        convert.read_one("[]", "json", report=lambda diagnostic: None)


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        (b"= A =", "these are bytes: decode them"),
        (bytearray(b"= A ="), "these are bytes: decode them"),
        (StringIO("= A ="), "an open file: pass file.read()"),
        (Path("a.txt"), "a path: pass path.read_text"),
        (None, "of type NoneType: pass a str"),
        (["= A ="], "of type list: pass a str"),
    ],
    ids=["bytes", "bytearray", "file", "path", "None", "list"],
)
@pytest.mark.parametrize("function", [convert.read, convert.read_one, convert.convert])
def test_what_is_no_text_is_told_with_what_to_do(function: Callable[[Any], object], text: object, remedy: str) -> None:
    for error in (UsageError, TypeError):
        with pytest.raises(error, match=re.escape(remedy)):
            function(text)


@pytest.mark.parametrize("function", [convert.write, convert.match])
def test_what_is_no_article_is_told_with_what_to_do(function: Callable[[Any], object]) -> None:
    text = "= A =\n\nText.\n"
    for given, remedy in ((text, "read it first"), (convert.read(text), "call it for each"), (7, "of type int")):
        with pytest.raises(TypeError, match=remedy):
            function(given)
