"""A catalogue finds templates as a wiki does, says what is amiss in a file, and lets a wiki's own word come first."""

from __future__ import annotations

import msgspec
import pytest

from convert.ast import Article, Field, Infobox
from convert.errors import UsageError
from convert.infobox.catalogue import (
    Catalogue,
    Parameter,
    Template,
    merged,
    read_catalogue,
    shipped,
    stored,
    title_key,
    titles,
    write_catalogue,
)
from convert.infobox.guess.outlines import outlines
from convert.infobox.guess.takers import counts
from convert.infobox.labels import uses_of_keys
from convert.infobox.match import TemplateChoice, match
from convert.infobox.prepared import Late, Table, keep, stored_in
from tests.tools.catalogue import DATA, facts
from tests.tools.prepared import STORED, computed

FILM = Template("Infobox film", ("Film infobox", "Infobox movie"), (Parameter("name"), Parameter("director")), 82)
SHOP = Template("Infobox shop", ("Infobox film shop",))
BOTH = Catalogue((FILM, SHOP), "made by hand")


@pytest.mark.parametrize(
    "name",
    [
        "Infobox film", "infobox film", "Infobox_film", " Infobox  film ", "Template:Infobox film",
        "template: infobox film",
        "Film infobox", "Infobox movie", "infobox_movie", "INFOBOX FILM", "Infobox Film",
    ],
)  # fmt: skip
def test_template_is_found_by_name_alias_and_whatever_the_case(name: str) -> None:
    assert BOTH.find(name) == FILM


def test_template_is_not_found_by_another_name() -> None:
    assert BOTH.find("Infobox films") is None
    assert BOTH.find("") is None


def test_names_come_before_aliases_and_exact_ones_before_the_case() -> None:
    catalogue = Catalogue((Template("A", ("Infobox b",)), Template("Infobox B"), Template("Infobox b", uses=0)))
    assert [catalogue.find(name) for name in ("infobox b", "Infobox B")] == [
        catalogue.templates[2],
        catalogue.templates[1],
    ]


def test_catalogue_reads_back() -> None:
    written = write_catalogue(BOTH)
    assert len(written.splitlines()) == 2 + len(BOTH.templates)
    read = read_catalogue(written, "x")
    assert msgspec.structs.asdict(read) == msgspec.structs.asdict(BOTH)
    assert read_catalogue(write_catalogue(Catalogue()), "x").templates == ()


HEAD = '{"format": "plainwiki-catalogue-1",\n "templates": [\n  {"name": "Infobox a",\n   "parameters": ['


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "f.json:1: not JSON: "),
        ('{"templates": [\n {"name": "A"},\n oops]}', "f.json:3: not JSON: "),
        ('\n\n{"templates": [', "f.json:3: not JSON: "),
        ("[1]", "f.json:1: Expected `object`, got `array`"),
        ('{"format": "plainwiki-catalogue-9"}', "f.json:1: format: "),
        ('{"templates":\n [{"name": "A", "paramters": []}]}', "f.json:2: templates[0]: Object contains unknown field"),
        ('{"templates": [{"name": "A"},\n {"uses": 3}]}', "f.json:2: templates[1]: Object missing required field"),
        (HEAD + '{"name": "x"},\n {"name": 3}]}]}', "f.json:5: templates[0].parameters[1].name: Expected `str`"),
        (HEAD + '{"name": "x",\n "kind": "dat"}]}]}', "f.json:5: templates[0].parameters[0].kind: Invalid"),
        (HEAD + '{"name": "x", "uses":\n\n -1}]}]}', "f.json:6: templates[0].parameters[0].uses: "),
        (HEAD + '{"name": "x|y"}]}]}', "f.json:4: templates[0].parameters[0].name: no parameter can be"),
        (HEAD + '{"name": "x"},\n {"name": "x"}]}]}', "f.json:5: templates[0].parameters[1].name: 'x' stands twice"),
        (
            HEAD + '{"name": "x"}, {"name": "y",\n "aliases": ["z",\n "x"]}]}]}',
            "f.json:6: templates[0].parameters[1].aliases[1]: 'x' stands twice in 'Infobox a'",
        ),
        ('{"templates": [{"name":\n "A{b"}]}', "f.json:2: templates[0].name: no template can be called 'A{b': a title"),
        ('{"templates": [{"name": ""}]}', "f.json:1: templates[0].name: no template can be called '': it is empty"),
        (
            '{"templates": [{"name": "A", "aliases": ["B"]},\n {"name": "b"}]}',
            "f.json:2: templates[1].name: 'b' is a name of 'A' above: leave it out of one of them",
        ),
        ("[" * 100_000, "f.json:1: "),
    ],
)  # fmt: skip
def test_what_is_amiss_is_told_with_file_line_and_key(text: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        read_catalogue(text, "f.json")
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)


def test_own_templates_extend_what_is_known_of_them() -> None:
    own = Template(
        "Infobox film",
        parameters=(Parameter("director", label="Directed by"), Parameter("gross", kind="number")),
    )
    both = merged(BOTH, Catalogue((own, Template("Infobox pub", uses=1))))
    assert both.templates == (
        Template(
            "Infobox film",
            FILM.aliases,
            (Parameter("name"), Parameter("director", label="Directed by"), Parameter("gross", kind="number")),
            82,
        ),
        SHOP,
        Template("Infobox pub", uses=1),
    )


def test_template_written_down_by_hand_counts_as_one_in_use() -> None:
    own = Template("Infobox yacht", parameters=(Parameter("owner"), Parameter("colour"), Parameter("length")))
    catalogue = merged(shipped(), Catalogue((own,)))
    infobox = Infobox((Field("Colour", ("red",)), Field("Length", ("20 m",)), Field("Owner", ("Ann",))))
    article = Article("Diana", (infobox,))
    assert match(infobox, article).template is None
    assert match(infobox, article, TemplateChoice(catalogue=catalogue)).template == "Infobox yacht"


def test_own_template_replaces_what_is_known_if_it_says_so() -> None:
    own = Template("Infobox film", parameters=(Parameter("title"),), uses=3, replaces=True)
    assert merged(BOTH, Catalogue((own,))).find("Infobox film") == own


def test_own_name_for_a_known_template_is_its_name() -> None:
    own = Template("Movie", ("Infobox film",), (Parameter("title", ("name",)),))
    both = merged(BOTH, Catalogue((own,)))
    found = both.find("Infobox film")
    assert found
    assert (found.name, set(found.aliases)) == ("Movie", {"Infobox film", "Film infobox", "Infobox movie"})
    assert found.parameters == (Parameter("title", ("name",)), Parameter("director"))


def test_wiki_that_did_not_merge_two_templates_keeps_them_apart() -> None:
    own = Template("Infobox movie", parameters=(Parameter("reel"),), uses=3)
    both = merged(BOTH, Catalogue((own,)))
    assert both.find("Infobox movie") == own
    assert both.find("Film infobox") == msgspec.structs.replace(FILM, aliases=("Film infobox",))


def test_two_known_templates_that_are_one_here_become_one() -> None:
    own = Template("Infobox thing", ("Infobox film", "Infobox shop"))
    both = merged(BOTH, Catalogue((own,)))
    assert [each.name for each in both.templates] == ["Infobox thing"]
    assert {name for name in ("Infobox film", "Film infobox", "Infobox film shop") if both.find(name)} == {
        "Infobox film",
        "Film infobox",
        "Infobox film shop",
    }


# ── The one that is shipped


def test_shipped_catalogue_is_one_that_can_be_read() -> None:
    read = read_catalogue((DATA / "catalogue.json").read_text(), "catalogue.json")
    assert read.templates == shipped().templates
    assert shipped() is shipped()
    assert write_catalogue(shipped()) == write_catalogue(read)
    assert read.calibration
    assert "CC BY-SA" in read.about


def test_what_is_stored_of_the_shipped_catalogue_is_what_would_be_computed() -> None:
    assert STORED.read_bytes() == computed(), "run `make accept`"


def test_stored_tables_are_those_that_were_computed() -> None:
    shipped_anew = read_catalogue((DATA / "catalogue.json").read_text(), "catalogue.json")
    for name, table in (("counts", counts), ("titles", titles), ("uses-of-keys", uses_of_keys)):
        read = table(shipped())
        assert isinstance(read, Table), name
        assert dict(read) == table(shipped_anew), name
        assert len(read) == len(table(shipped_anew))
        assert all(read.get(word) is None and word not in read for word in ("no such word", "\U0001f600"))
    assert outlines(shipped()) == outlines(shipped_anew)


def test_what_is_stored_is_read_as_it_was() -> None:
    own = Catalogue(
        (Template("Infobox thing", ("Thing",), labels={"B": "b", "A": "a"}),), "Own.", labels={"Z": "z", "A": "a"}
    )
    kept = stored_in(stored(own))
    assert [msgspec.msgpack.decode(each, type=Template) for each in kept.templates] == list(own.templates)
    same = Catalogue(own.templates)
    keep(same, kept)
    assert same.find("Thing") is own.templates[0]
    assert isinstance(titles(same), Table)
    read = Late(kept.values["labels-as-written"], str)
    assert (list(read.items()), len(read)) == ([("Z", "z"), ("A", "a")], 2)


def test_templates_of_the_shipped_catalogue_are_a_sequence() -> None:
    templates = shipped().templates
    whole = tuple(templates)
    assert (templates[0], templates[-1], list(templates[2:4])) == (whole[0], whole[-1], list(whole[2:4]))
    with pytest.raises(IndexError):
        templates[len(whole)]


@pytest.mark.parametrize(
    ("name", "canonical"),
    [
        ("Infobox Military Conflict", "Infobox military conflict"),
        ("Warbox", "Infobox military conflict"),
        ("Infobox city", "Infobox settlement"),
        ("football player infobox", "Infobox football biography"),
        ("Infobox CVG", "Infobox video game"),
        ("infobox vg", "Infobox video game"),
        ("Football club infobox", "Infobox football club"),
        ("Drugbox", "Infobox drug"),
        ("Infobox single", "Infobox song"),
        ("Taxobox", "Taxobox"),
        ("Speciesbox", "Speciesbox"),
        ("Automatic taxobox", "Automatic taxobox"),
        ("Chembox", "Chembox"),
    ],
)
def test_shipped_catalogue_knows_present_names_by_old_ones(name: str, canonical: str) -> None:
    found = shipped().find(name)
    assert found
    assert found.name == canonical


def test_facts_are_in_the_shipped_catalogue() -> None:
    for name, aliases in facts().templates.items():
        for each in (name, *aliases):
            found = shipped().find(each)
            assert found is None or found.name == name, each
    known = [name for name in facts().templates if shipped().find(name)]
    assert len(known) > 400


def test_shipped_names_are_all_different() -> None:
    names = [title_key(name) for each in shipped().templates for name in (each.name, *each.aliases)]
    assert len(names) == len(set(names))


def test_shipped_military_conflict_has_its_parameters_in_the_order_of_calls() -> None:
    found = shipped().find("Infobox military conflict")
    assert found
    names = [each.name for each in found.parameters]
    order = ["conflict", "partof", "date", "place", "result", "combatant1", "combatant2", "casualties1", "casualties2"]
    assert [name for name in names if name in order] == order
    kinds = {each.name: each.kind for each in found.parameters}
    assert (kinds["date"], kinds["image"], kinds["result"]) == ("date", "image", "text")
