"""An infobox is taken for the template that its keys and words speak for, and nothing of it is lost."""

from __future__ import annotations

import gzip
import json
import tarfile
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from convert.ast import Article, Field, Infobox, Paragraph, Text
from convert.diagnostics import Diagnostic
from convert.infobox.catalogue import Calibration, Catalogue, Parameter, Template
from convert.infobox.guess import evidence
from convert.infobox.guess.scores import scores_of
from convert.infobox.keys import family, folded
from convert.infobox.match import THRESHOLD, Match, Rule, TemplateChoice, match, remark
from convert.infobox.parameters import parameter_name
from convert.readers.plain import read
from tests import FIXTURES
from tests.support.strategies import articles
from tests.tools import quality


def _template(name: str, uses: int, *parameters: str | Parameter) -> Template:
    made = tuple(each if isinstance(each, Parameter) else Parameter(each, uses=uses) for each in parameters)
    return Template(name, parameters=made, uses=uses)


PERSON = ("name", "birth_date", "birth_place", "death_date", "occupation", "nationality")
CATALOGUE = Catalogue(
    (
        _template("Infobox person", 60, *PERSON, "known_for"),
        _template("Infobox writer", 40, *PERSON, "genre"),
        _template("Infobox scientist", 40, *PERSON, "fields"),
        _template("Infobox battle", 30, "conflict", "date", "place", "result", "combatant1", "combatant2", "strength1"),
        _template(
            "Infobox river",
            20,
            "name",
            Parameter("length", ("length_km",), "Length of the river", uses=20),
            Parameter("source1_elevation", uses=9),
            Parameter("Basin size", uses=5),
        ),
    ),
    calibration=Calibration(0.5, 1.0, -3.0),
)


def _article(*keys: str, title: str = "Title", lead: str = "", template: str | None = None) -> Article:
    rows = tuple(
        Field(key.partition("=")[0], (key.partition("=")[2] or "x",), line=number) for number, key in enumerate(keys)
    )
    return Article(title, (Infobox(rows, template),), (Paragraph((Text(lead),)),) if lead else ())


def _match(
    article: Article,
    catalogue: Catalogue = CATALOGUE,
    options: TemplateChoice = TemplateChoice(),
    explain: bool = False,
) -> Match:
    return match(article.infoboxes[0], article, structs.replace(options, catalogue=catalogue), explain=explain)


def _names(pairs: tuple[tuple[str, Field], ...]) -> list[str]:
    return [name for name, _ in pairs]


def test_article_that_the_project_was_made_for_is_a_military_conflict() -> None:
    text = (FIXTURES / "articles" / "diafarabe-and-koumara-attacks.txt").read_text()
    [article] = read(text, lambda _: None)
    matched = match(article.infoboxes[0], article, explain=True)
    assert matched.template == "Infobox military conflict"
    assert matched.probability > 0.95
    assert _names(matched.parameters) == [
        "conflict", "partof", "date", "place", "result", "combatant1", "combatant2", "casualties1", "casualties2",
    ]  # fmt: skip
    assert matched.leftovers == ()
    assert {key for key, _ in matched.reasons} == {field.key for field in article.infoboxes[0].fields}
    assert all(weight > 0 for _, weight in matched.reasons)


# ── Keys


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Birth date", "birth_date"), ("birthDate", "Birth-date"), ("CATCHES/STUMPINGS", "catches stumpings"),
        ("Größe", "GRÖSSE"), ("Дата_народження", "дата народження"), ("全 長", "全長"),
    ],
)  # fmt: skip
def test_keys_are_the_same_but_for_case_spaces_and_punctuation(one: str, other: str) -> None:
    assert folded(one) == folded(other)


def test_vowel_signs_tell_keys_apart() -> None:
    assert folded("দেশ") != folded("দাশ")


def test_numbers_make_families() -> None:
    assert family("Label 1") == family("label12")
    assert family("1-min winds") != family("min winds")


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("Name", "name"), ("Length", "length"), ("LENGTH", "length"), ("Length km", "length"),
        ("Length (km)", "length"),
        ("Length of the river", "length"), ("Source1 elevation", "source1_elevation"),
        ("Source 12 elevation", "source12_elevation"), ("Basin size", "Basin size"), ("basin_size", "Basin size"),
    ],
)  # fmt: skip
def test_keys_mean_parameters(key: str, name: str) -> None:
    matched = _match(_article(key, template="Infobox river"))
    assert (_names(matched.parameters), matched.leftovers) == ([name], ())


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("Mouth", "mouth"), ("Mouth region", "mouth_region"), ("IUPAC name", "IUPAC_name"),
        ("Source elevation", "source_elevation"),
        ("Birth Date", "birth_date"), ("Source99999999999999999999 elevation", "source99999999999999999999_elevation"),
    ],
)  # fmt: skip
def test_keys_that_a_template_does_not_take_are_left_over_as_others_spell_them(key: str, name: str) -> None:
    matched = _match(_article(key, "Length", template="Infobox river"))
    assert (_names(matched.parameters), _names(matched.leftovers)) == (["length"], [name])


def test_template_that_takes_none_of_the_keys_is_another_wikis() -> None:
    matched = _match(_article("Mouth", "Etendue", template="Infobox river"))
    assert (_names(matched.parameters), matched.leftovers) == (["mouth", "etendue"], ())


def test_generic_infobox_can_be_asked_for() -> None:
    article = _article("Combatant1", "Combatant2", template="infobox")
    matched = _match(article)
    said: list[Diagnostic] = []
    remark(matched, article.infoboxes[0], said.append)
    assert (matched.template, matched.origin, said) == (None, "article", [])


def test_parameters_stand_in_the_order_of_the_template() -> None:
    article = _article("Strength4", "Place", "Combatant3", "Combatant2", "Weather", "Conflict", "Combatant1", "Date")
    matched = _match(article)
    assert matched.template == "Infobox battle"
    expected = ["conflict", "date", "place", "combatant1", "combatant2", "combatant3", "strength4"]
    assert _names(matched.parameters) == expected
    assert _names(matched.leftovers) == ["weather"]


def test_two_keys_for_one_parameter_are_both_kept() -> None:
    matched = _match(_article("Length=3 km", "Name=Mali", "Length km=3", template="Infobox river"))
    assert [(name, field.values) for name, field in matched.parameters] == [
        ("name", ("Mali",)),
        ("length", ("3 km",)),
        ("length", ("3",)),
    ]


def test_rows_without_a_key_are_numbered() -> None:
    matched = _match(_article("Name", "=one", "=two", template="Infobox river"))
    assert [(name, field.values) for name, field in matched.leftovers] == [("1", ("one",)), ("2", ("two",))]


def test_parameter_name_keeps_capitals_that_are_not_alone() -> None:
    assert [parameter_name(key) for key in ("Map type", "IUPAC name", "Ö x", "")] == [
        "map_type",
        "IUPAC_name",
        "ö_x",
        "",
    ]


# ── Guesses


@pytest.mark.parametrize(
    ("lead", "occupation", "template"),
    [
        ("Ada was an English writer and poet.", "x", "Infobox writer"),
        ("Ada was one of the first scientists.", "x", "Infobox scientist"),
        ("", "Scientist", "Infobox scientist"),
        ("", "Writers", "Infobox writer"),
    ],
)
def test_words_decide_where_keys_leave_doubt(lead: str, occupation: str, template: str) -> None:
    article = _article("Name", "Birth date", f"Occupation={occupation}", lead=lead)
    assert _match(article, options=TemplateChoice(threshold=0)).template == template


def test_likelier_template_is_the_one_that_is_used_more() -> None:
    matched = _match(_article("Name", "Birth date"), options=TemplateChoice(threshold=0))
    assert matched.template == "Infobox person"
    assert {name for name, _ in matched.alternatives} == {"Infobox writer", "Infobox scientist", "Infobox river"}


def test_below_the_threshold_there_is_no_template_but_everything_else() -> None:
    article = _article("Name", "Birth date", "Foo")
    matched = _match(article, options=TemplateChoice(threshold=0.99), explain=True)
    assert (matched.template, matched.parameters) == (None, ())
    assert _names(matched.leftovers) == ["name", "birth_date", "foo"]
    assert matched.alternatives[0] == ("Infobox person", matched.probability)
    assert [key for key, _ in matched.reasons] == ["Birth date", "Name"]


@pytest.mark.parametrize("keys", [(), ("=a value",), ("???",), ("Foo", "Bar")])
def test_keys_that_no_template_takes_are_no_template(keys: tuple[str, ...]) -> None:
    matched = _match(_article(*keys))
    assert (matched.template, matched.probability, matched.alternatives) == (None, 0.0, ())
    assert len(matched.leftovers) == len(keys)


def test_empty_catalogue_guesses_nothing() -> None:
    assert _match(_article("Name"), Catalogue()).template is None


def test_catalogue_without_counts_is_enough() -> None:
    bare = Catalogue(
        (
            Template("Infobox film", parameters=(Parameter("name"), Parameter("director"))),
            Template("Infobox ship", parameters=(Parameter("name"), Parameter("launched"))),
        )
    )
    assert _match(_article("Launched", "Name"), bare).template == "Infobox ship"


def test_more_unknown_keys_make_a_guess_less_sure() -> None:
    stated = [
        _match(_article("Conflict", "Result", *("Foo", "Bar", "Baz")[:number])).probability for number in range(4)
    ]
    assert stated == sorted(stated, reverse=True)
    assert stated[0] > stated[1] > stated[3]


# ── Explicit names


RULES = (
    Rule("Infobox emperor", title="*emperor", key="reign"),
    Rule("Infobox album", category="* albums"),
    Rule("Infobox everything", title="*"),
)


def test_name_in_the_article_comes_before_the_option_and_the_option_before_rules() -> None:
    options = TemplateChoice(infobox="Infobox river", rules=RULES)
    named = _match(_article("Name", template="infobox_person"), options=options)
    assert (named.template, named.origin, named.probability) == ("infobox_person", "article", 1.0)
    assert _names(named.parameters) == ["name"]
    assert (_match(_article("Name"), options=options).template, "option") == ("Infobox river", "option")
    assert _match(_article("Name"), options=TemplateChoice(rules=RULES)).origin == "rule"


@pytest.mark.parametrize(
    ("title", "keys", "categories", "template"),
    [
        ("The Emperor", ("Name", "Reign"), (), "Infobox emperor"),
        ("The Emperor", ("Name",), (), "Infobox everything"),
        ("Kind of Blue", ("Name",), ("1959 Albums", "Jazz"), "Infobox album"),
    ],
)
def test_first_rule_that_fits_decides(
    title: str, keys: tuple[str, ...], categories: tuple[str, ...], template: str
) -> None:
    article = _article(*keys, title=title)
    article = Article(title, article.infoboxes, categories=categories)
    assert _match(article, options=TemplateChoice(rules=RULES)).template == template


def test_template_that_is_not_known_gets_everything() -> None:
    matched = _match(_article("Foo bar", "Birth date", template="Infobox mine"))
    assert _names(matched.parameters) == ["foo_bar", "birth_date"]
    assert matched.leftovers == ()


# ── Laws


@given(articles())
def test_nothing_is_lost_and_probabilities_are_such(article: Article) -> None:
    for infobox in article.infoboxes:
        matched = match(infobox, article, explain=True)
        kept = sorted(
            (field.key, field.values) for _, field in (*matched.parameters, *matched.leftovers) if any(field.values)
        )
        assert kept == sorted((field.key, field.values) for field in infobox.fields if any(field.values))
        assert 0 <= matched.probability <= 1
        others = sum(each for _, each in matched.alternatives)
        assert others + (matched.probability if matched.template else 0) <= 1.001
        assert matched.origin != "guess" or (matched.template is not None) == (matched.probability >= THRESHOLD)


@given(st.lists(st.text(max_size=12), max_size=9))
def test_any_keys_can_be_matched(keys: list[str]) -> None:
    infobox = Infobox(tuple(Field(key) for key in keys))
    matched = match(infobox, Article("x"))
    assert len(matched.parameters) + len(matched.leftovers) == len(keys)


# ── Keys that repeat

_SOME_KEYS = st.sampled_from(
    (*PERSON, "Directed by", "Born", "Combatant 4", "Weather", "genre", "fields", "", "#", "12")
)
_BOXES = st.lists(st.lists(_SOME_KEYS, max_size=7), min_size=1, max_size=4)
_LEADS = st.sampled_from(("", "He was a Scottish writer.", "It is a 1994 drama film.", "She was a chemist."))


@given(_BOXES, st.lists(st.tuples(st.integers(0, 3), _LEADS), max_size=8), st.sampled_from((None, CATALOGUE)))
def test_keys_that_repeat_are_matched_as_at_first(
    boxes: list[list[str]], asked: list[tuple[int, str]], catalogue: Catalogue | None
) -> None:
    choice = TemplateChoice(catalogue=catalogue)
    texts = [_article(*boxes[number % len(boxes)], lead=lead) for number, lead in asked]

    def matched(article: Article) -> Match:
        return match(article.infoboxes[0], article, choice)

    remembered = [matched(article) for article in texts]
    anew = []
    for article in texts:
        evidence.remembered.cache_clear()
        anew.append(matched(article))
    assert remembered == anew


def test_few_sets_of_keys_are_remembered_and_no_large_ones() -> None:
    scores = scores_of(CATALOGUE)
    evidence.remembered.cache_clear()
    battle = ("conflict", "combatant1", "result")
    for keys in (battle, ("x" * 2_000, *battle), battle * 30, battle):
        assert _match(_article(*keys)).alternatives or _match(_article(*keys)).template
    info = evidence.remembered(scores).cache_info()
    assert info.currsize == 1
    assert info.hits
    assert info.maxsize
    assert info.maxsize <= 1 << 10


# ── What is reported


def _remarks(article: Article, options: TemplateChoice = TemplateChoice()) -> list[tuple[str, int, str]]:
    found: list[Diagnostic] = []
    remark(_match(article, options=options), article.infoboxes[0], found.append)
    return [(each.code, each.line, each.message) for each in found]


def test_guess_is_told_with_its_probability() -> None:
    [(code, _, message)] = _remarks(_article("Conflict", "Result", "Combatant1"))
    assert code == "template-guessed"
    assert message.startswith("taken for 'Infobox battle', 99% sure")


def test_doubt_is_told_with_the_likeliest() -> None:
    [(code, _, message)] = _remarks(_article("Name", "Foo", "Bar"))
    assert code == "template-unsure"
    assert "('Infobox " in message
    assert _remarks(_article("Foo"))[0][2].startswith("no template fits well enough, so this")


def test_keys_that_are_not_known_or_mean_the_same_are_told() -> None:
    told = _remarks(_article("Name", "Mouth", "Length", "Length km", "=x", template="Infobox river"))
    assert [(code, line) for code, line, _ in told] == [
        ("parameter-unknown", 1),
        ("parameter-unknown", 4),
        ("parameter-repeated", 3),
    ]
    assert told[1][2].startswith("'Infobox river' is not known to take a value without a key")


def test_diagnostics_carry_the_facts_in_their_messages() -> None:
    found: list[Diagnostic] = []
    for article in (
        _article("Conflict", "Result", "Combatant1"),
        _article("Foo"),
        _article("Name", "y" * 99, "=x", template="Infobox river"),
    ):
        remark(_match(article), article.infoboxes[0], found.append)
    assert [(each.code, each.about) for each in found] == [
        ("template-guessed", ("Infobox battle", "99")),
        ("template-unsure", ("", "")),
        ("parameter-unknown", ("Infobox river", "y" * 59 + "…")),
        ("parameter-unknown", ("Infobox river", "")),
    ]
    assert all(f"'{fact}'" in each.message or fact in each.message for each in found for fact in each.about)


def test_match_that_was_asked_for_is_not_told() -> None:
    assert _remarks(_article("Name", template="Infobox river")) == []


# ── The measure


@pytest.mark.slow
def test_quality_is_measured_on_any_archive(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    texts = {
        f"{kind}-{number}": (f"Infobox {kind}", ("name", *keys))
        for number in range(20)
        for kind, keys in (("ship", ("launched", "crew")), ("mill", ("sails", "miller")))
    }
    with tarfile.open(tmp_path / "articles-en.tar.gz", "w:gz") as packed:
        for name, (_, keys) in texts.items():
            rows = "".join(f"- {key.capitalize()}: x\n" for key in keys)
            content = f"= {name} =\n\nInfobox\n{rows}\nIt is one.\n".encode()
            member = tarfile.TarInfo(f"{name}.txt")
            member.size = len(content)
            packed.addfile(member, BytesIO(content))
    with gzip.open(tmp_path / "truth-en.jsonl.gz", "wt") as told:
        for name, (template, keys) in texts.items():
            entry = {
                "file": f"{name}.txt", "lang": "en", "template_name": template.lower(),
                "params": dict.fromkeys(keys, "x"),
            }  # fmt: skip
            told.write(json.dumps(entry) + "\n")
    [pair] = quality.pairs([str(tmp_path)])
    quality.show(quality.cases(*pair))
    [row] = [line.split() for line in capsys.readouterr().out.splitlines() if "names and aliases" in line]
    assert row[-10:-5] == ["40", "100.0", "100.0", "100.0", "100.0"]
    assert row[-3:-1] == ["100.00", "100.00"]
