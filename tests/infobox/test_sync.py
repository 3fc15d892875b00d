"""A live wiki tells its templates: as TemplateData has them, from their wikitext, and as Portable Infobox does."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from convert.infobox.catalogue import Catalogue, Parameter, Template, read_catalogue
from convert.upload.client.api import Api, Waiting
from convert.upload.client.transport import Transport
from convert.upload.templates import Box, Described, catalogue_of, described, portable
from tests.servers.wiki import Wiki
from tests.support.commands import plainwiki

KILN = """{{#if:{{{name|}}}|{{{name}}}}}<noinclude><templatedata>
{"params": {
  "name": {"label": "Name", "type": "string"},
  "fired": {"aliases": ["first fired", "lit"], "label": {"en": "First fired", "de": "Zuerst gebrannt"}, "type": "date"},
  "picture": {"type": "wiki-file-name"}, "site": {"type": "url"}, "chambers": {"type": "number"}},
 "paramOrder": ["picture", "name", "fired", "chambers", "site"]}
</templatedata></noinclude>"""

OVEN = (
    "{{{name}}} {{{Fuel type|wood}}} <!-- {{{old}}} --> {{{name|}}} <nowiki>{{{shown}}}</nowiki> {{{heat<noinclude>|}}}"
)

PAGES = {
    "Template:Infobox kiln": KILN,
    "Template:Infobox kiln/doc": "How to call it: {{{nothing|}}}",
    "Template:Kiln": "#REDIRECT [[Template:Infobox kiln]]",
    "Template:Infobox oven": OVEN,
    "Template:Navbox kilns": "{{{list1}}}",
}

FOUND_IN_WIKITEXT = ("name", "Fuel type", "heat")


@pytest.fixture(scope="module", params=["TemplateData,ParserFunctions", "ParserFunctions"])
def kilns(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wiki]:
    """Give a wiki with a few templates: one with TemplateData, and one without."""
    with Wiki(tmp_path_factory.mktemp("kilns"), extensions=request.param) as wiki:
        for title, text in PAGES.items():
            wiki.edit(title, text)
        yield wiki


def _asked(wiki: Wiki) -> Catalogue:
    api = Api(Transport(f"{wiki.address}/api.php", 1, 30), 30, _waited)
    try:
        return catalogue_of(api)
    finally:
        api.close()


def _waited(waiting: Waiting) -> None:
    raise AssertionError(waiting)


def test_templates_come_with_other_names_and_parameters(kilns: Wiki) -> None:
    catalogue = _asked(kilns)
    assert [(each.name, each.aliases) for each in catalogue.templates] == [
        ("Infobox kiln", ("Kiln",)),
        ("Infobox oven", ()),
    ]
    kiln, oven = catalogue.templates
    assert tuple(each.name for each in oven.parameters) == FOUND_IN_WIKITEXT
    if "TemplateData" in kilns.extensions:
        assert kiln.parameters == (
            Parameter("picture", kind="image"),
            Parameter("name", label="Name"),
            Parameter("fired", ("first fired", "lit"), "First fired", "date"),
            Parameter("chambers", kind="number"),
            Parameter("site", kind="url"),
        )
    else:
        assert kiln.parameters == (Parameter("name"),)


def test_command_writes_a_catalogue_that_matching_takes(kilns: Wiki, tmp_path: Path) -> None:
    written = tmp_path / "kilns.json"
    done = plainwiki("templates", "sync", "--wiki", f"{kilns.address}/api.php", "-o", str(written))
    assert (done.returncode, done.stderr) == (0, b"plainwiki: 2 templates\n")
    assert read_catalogue(written.read_text(), "kilns.json").find("Kiln")
    article = tmp_path / "a.txt"
    article.write_text("= A =\n\nInfobox\n- Fuel type: coal\n- Heat: great\n- Name: A\n")
    done = plainwiki("templates", "match", "--catalogue", str(written), str(article))
    assert b"Infobox oven" in done.stdout


@pytest.mark.parametrize(
    ("address", "status", "message"),
    [
        ("{}/nothing.php", 3, "give the address of its api.php"),
        ("http://127.0.0.1:9/api.php", 3, "check the address and the network"),
        ("ftp://127.0.0.1/api.php", 2, "is no address of a wiki"),
    ],
)
def test_wiki_that_is_none_is_told(kilns: Wiki, address: str, status: int, message: str) -> None:
    done = plainwiki("templates", "sync", "--wiki", address.format(kilns.address))
    assert (done.returncode, done.stdout) == (status, b"")
    assert message in done.stderr.decode()
    assert len(done.stderr.splitlines()) == 1


def test_portable_infoboxes_tell_their_sources_in_groups() -> None:
    metadata = [
        {"type": "title", "sources": {"name": {"label": "", "primary": True}}},
        {"type": "image", "sources": {"image": {"label": ""}}},
        {"type": "group", "metadata": [{"type": "data", "sources": {"born": {"label": "Born"}, "hatched": {}}}]},
        {"type": "header"},
    ]
    assert list(portable(msgspec.convert([{"id": 0, "metadata": metadata}], list[Box]))) == [
        Parameter("name"),
        Parameter("image", kind="image"),
        Parameter("born", label="Born"),
        Parameter("hatched"),
    ]


@pytest.mark.parametrize("box", [{"sourcelabels": {"born": "Born", "died": ""}}, {"sources": ["born", "died"]}])
def test_portable_infoboxes_of_older_wikis_tell_names(box: dict[str, object]) -> None:
    assert [each.name for each in portable([msgspec.convert(box, Box)])] == ["born", "died"]


def test_page_without_parameters_has_none() -> None:
    told = {"title": "Template:Infobox x", "notemplatedata": True, "params": []}
    assert list(described(msgspec.convert(told, Described))) == []
    assert Template("Infobox x").parameters == ()


def test_parameters_whose_names_are_numbers_may_come_as_a_list() -> None:
    """PHP makes a list of them, and numbers of their names."""
    told = {"title": "Template:Infobox x", "params": [{"label": None, "aliases": []}, []], "paramOrder": [1, 0]}
    assert [each.name for each in described(msgspec.convert(told, Described))] == ["1", "0"]


def test_groups_of_a_portable_infobox_may_be_nested_as_deep_as_they_like() -> None:
    box: dict[str, object] = {"type": "data", "sources": {"born": {"label": "Born"}}}
    for _ in range(400):
        box = {"type": "group", "metadata": [box]}
    assert list(portable([msgspec.convert({"metadata": [box]}, Box)])) == [Parameter("born", label="Born")]
