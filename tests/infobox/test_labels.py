"""Labels, as readers see them beside the values of an infobox, mean the parameters of its template."""

import re

import pytest

from convert.ast import Article, Field, Infobox
from convert.infobox.catalogue import Catalogue, Parameter, Template, merged, read_catalogue, shipped, write_catalogue
from convert.infobox.keys import folded, wordings
from convert.infobox.labels import meanings_of
from convert.infobox.match import Match, TemplateChoice, match, remark
from convert.infobox.parts import parted
from tests.tools.catalogue import labels


def _box(*rows: str, template: str | None = None) -> Infobox:
    pairs = (row.partition(": ") for row in rows)
    return Infobox(tuple(Field(key, (value,), line=line) for line, (key, _, value) in enumerate(pairs, 3)), template)


def _matched(infobox: Infobox, catalogue: Catalogue | None = None) -> Match:
    return match(infobox, Article("Mara", (infobox,)), TemplateChoice(catalogue=catalogue))


def _values(matched: Match) -> dict[str, str]:
    return {name: " / ".join(row.values) for name, row in matched.parameters}


#: By template, what readers see and the parameter that it is.
SEEN = {
    "Infobox film": {
        "Directed by": "director", "Produced by": "producer", "Written by": "writer", "Edited by": "editing",
        "Distributed by": "distributor", "Running time": "runtime", "Box office": "gross", "Music by": "music",
        "Cinematography": "cinematography", "Starring": "starring", "Release date": "released",
        "Production company": "production_companies", "Screenplay by": "screenplay",
    },
    "Infobox person": {
        "Spouse(s)": "spouse", "Occupation(s)": "occupation", "Years active": "years_active", "Parent(s)": "parents",
        "Other names": "other_names", "Resting place": "resting_place",
        "Cause of death": "death_cause", "Alma mater": "alma_mater", "Net worth": "net_worth",
    },
    "Infobox video game": {
        "Developer(s)": "developer", "Publisher(s)": "publisher", "Platform(s)": "platforms", "Genre(s)": "genre",
        "Mode(s)": "modes", "Designer(s)": "designer", "Composer(s)": "composer", "Release": "released",
    },
    "Infobox software": {
        "Original author(s)": "author", "Initial release": "released", "Written in": "programming_language",
        "Operating system": "operating_system", "Licence": "license", "Repository": "repo",
        "Available in": "language",
    },
    "Infobox company": {
        "Number of employees": "num_employees", "Total equity": "equity", "Total assets": "assets",
        "Key people": "key_people", "Traded as": "traded_as", "Founder(s)": "founder", "Products": "products",
    },
    "Infobox book": {
        "LC Class": "congress", "Media type": "media_type", "Publication date": "pub_date",
        "Cover artist": "cover_artist",
        "Preceded by": "preceded_by", "Dewey Decimal": "dewey", "Illustrators": "illustrator",
    },
    "Infobox musical artist": {"Genres": "genre", "Labels": "label", "Members": "current_members"},
    "Infobox television": {
        "Created by": "creator", "No. of seasons": "num_seasons", "No. of episodes": "num_episodes",
        "Country of origin": "country", "Opening theme": "open_theme", "Camera setup": "camera",
    },
    "Infobox medical condition": {
        "Other names": "synonyms", "Usual onset": "onset", "Risk factors": "risks", "Diagnostic method": "diagnosis",
    },
    "Infobox hurricane": {
        "Highest winds": "1-min_winds", "Lowest pressure": "pressure", "Areas affected": "areas", "Damage": "damages",
    },
    "Infobox military conflict": {
        "Location": "place", "Belligerents": "combatant1", "Commanders and leaders": "commander1",
        "Casualties and losses": "casualties1",
    },
    "Infobox university": {"Undergraduates": "undergrad", "Motto in English": "mottoeng"},
    "Infobox settlement": {
        "Population • City": "population_total", "Population • Metro": "population_metro",
        "Area code(s)": "area_code", "Demonym(s)": "population_demonym", "Postal code": "postal_code",
    },
    "Infobox country": {"Driving side": "drives_on", "Internet TLD": "cctld", "GDP (PPP) • Total": "GDP_PPP"},
    "Infobox holiday": {"Observed by": "observedby", "Also called": "nickname", "2031 date": "date2031"},
    "Infobox drug": {"Trade names": "tradename", "Molar mass": "molecular_weight", "Legal status": "legal_status"},
    "Infobox language": {"Native to": "states", "Writing system": "script", "Regulated by": "agency"},
    "Infobox airport": {"Serves": "city-served", "Hub for": "hub"},
    "Starbox observe": {"Constellation": "constell", "Right ascension": "ra", "Declination": "dec"},
    "Taxobox": {"Kingdom": "regnum", "Family": "familia", "Order": "ordo", "Binomial name": "binomial"},
}  # fmt: skip


@pytest.mark.parametrize("template", SEEN)
def test_labels_are_parameters(template: str) -> None:
    rows = [f"{label}: {number}" for number, label in enumerate(SEEN[template])]
    matched = _matched(_box(*rows, template=template))
    found = {row.key: re.sub("[ _]+", "_", name) for name, row in matched.parameters}
    assert found == SEEN[template]
    assert matched.leftovers == ()


@pytest.mark.parametrize(
    ("template", "rows"),
    [
        ("Infobox film", ("Directed by: A. Bell", "Produced by: B. Gow", "Starring: D. Lamont", "Box office: 2")),
        ("Infobox television", ("Created by: A. Bell", "No. of seasons: 3", "No. of episodes: 30", "Network: O")),
        ("Infobox medical condition", ("Specialty: Dermatology", "Symptoms: Rash", "Causes: Sun", "Treatment: Shade")),
        ("Infobox hurricane", ("Formed: 1922", "Highest winds: 90 mph", "Lowest pressure: 970 mbar", "Damage: no")),
        ("Infobox settlement", ("Country: S", "Area • Total: 12 km2", "Population • Total: 3,200", "Time zone: GMT")),
        ("Infobox university", ("Established: 1922", "Undergraduates: 900", "Postgraduates: 90", "Campus: Urban")),
    ],
)  # fmt: skip
def test_template_is_guessed_by_labels(template: str, rows: tuple[str, ...]) -> None:
    assert _matched(_box(*rows)).template == template


def test_names_are_no_labels_where_others_are_names() -> None:
    """A key that some template has for a parameter is left as it is among keys that are all parameters."""
    infobox = _box(
        "Name: M", "Birth date: 1922", "Birth place: B", "Occupation: S", "Introduction: I", template="Infobox writer"
    )
    assert [name for name, _ in _matched(infobox).leftovers] == ["introduction"]


# ── Values in parts


@pytest.mark.parametrize(
    ("value", "parts"),
    [
        ("3 May 1922, Bowmore, Islay", ("3 May 1922", "Bowmore, Islay")),
        ("May 3, 1922 (age 9) Bowmore, Islay", ("May 3, 1922 (age 9)", "Bowmore, Islay")),
        ("c. 1834 in Bowmore", ("c. 1834", "Bowmore")),
        ("Bowmore, 1834", ("1834", "Bowmore")),
        ("3 May 1922", ("3 May 1922", None)),
        ("Bowmore, Islay", (None, "Bowmore, Islay")),
        ("in 1922 or 1923, 4 High Street", ("in 1922 or 1923, 4 High Street", None)),
    ],
)
def test_birth_is_a_date_and_a_place(value: str, parts: tuple[str | None, str | None]) -> None:
    found = dict(parted(("birth_date", "birth_place"), (value,)))
    assert (found.get("birth_date"), found.get("birth_place")) == tuple((part,) if part else None for part in parts)


def test_name_stands_before_a_date() -> None:
    found = parted(("birth_name", "birth_date", "birth_place"), ("Mara Ann Quill, 3 May 1922, Bowmore",))
    assert found == [
        ("birth_name", ("Mara Ann Quill",)),
        ("birth_date", ("3 May 1922",)),
        ("birth_place", ("Bowmore",)),
    ]
    items = parted(("birth_name", "birth_date", "birth_place"), ("3 May 1922", "Bowmore"))
    assert items == [("birth_date", ("3 May 1922",)), ("birth_place", ("Bowmore",))]


@pytest.mark.parametrize(
    ("value", "parts"),
    [
        ("12 km2 (4.6 sq mi)", [("area_km2", ("12",)), ("area_sq_mi", ("4.6",))]),
        ("4.6 sq mi (12 km²)", [("area_sq_mi", ("4.6",)), ("area_km2", ("12",))]),
        ("1,200 km2", [("area_km2", ("1200",))]),
        ("about 12 km2", [("area_km2", ("about 12 km2",))]),
        ("12 ha", [("area_km2", ("12 ha",))]),
    ],
)
def test_measure_is_a_number_in_each_unit(value: str, parts: list[tuple[str, tuple[str, ...]]]) -> None:
    assert parted(("area_km2", "area_sq_mi"), (value,)) == parts


def test_ends_and_versions_are_parted() -> None:
    ends = ("first_aired", "last_aired")
    assert parted(ends, ("3 May 1922 – 9 June 1923",)) == [(ends[0], ("3 May 1922",)), (ends[1], ("9 June 1923",))]
    assert parted(ends, ("1922",)) == [(ends[0], ("1922",))]
    version = ("latest_release_version", "latest_release_date")
    assert parted(version, ("2.0 / 3 May 2001",)) == [(version[0], ("2.0",)), (version[1], ("3 May 2001",))]
    assert parted(version, ("2.0",)) == [(version[0], ("2.0",))]


def test_labels_that_are_values_have_parameters_of_their_own() -> None:
    rows = ("Country: Scotland", "Region: Highland", "District: Lorne", "Mayor: A. Bell", "Founded: 1768")
    assert _values(_matched(_box(*rows, template="Infobox settlement"))) == {
        "subdivision_type": "Country", "subdivision_name": "Scotland",
        "subdivision_type1": "Region", "subdivision_name1": "Highland",
        "subdivision_type2": "District", "subdivision_name2": "Lorne",
        "leader_title": "Mayor", "leader_name": "A. Bell",
        "established_title": "Founded", "established_date": "1768",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("value", "values"),
    [
        ("12 km2 (4.6 sq mi)", {"area_total_km2": "12", "area_total_sq_mi": "4.6"}),
        ("3,200", {"population_total": "3,200"}),
        ("about twelve", {"population_total": "about twelve"}),
        ("12 ha", {"population_total": "12 ha"}),
    ],
)
def test_label_of_a_measure_and_of_a_count_is_what_its_value_is(value: str, values: dict[str, str]) -> None:
    matched = _matched(_box(f"City: {value}", "Urban: 900", "Metro: 30 km2", template="Infobox settlement"))
    assert _values(matched) == {**values, "population_urban": "900", "area_metro_km2": "30"}


def test_numbers_that_are_taken_are_left_out() -> None:
    rows = ("Subdivision type1: State", "Subdivision name1: Lorne", "Region: Highland")
    values = _values(_matched(_box(*rows, template="Infobox settlement")))
    assert values["subdivision_name1"] == "Lorne"
    assert values["subdivision_name2"] == "Highland"


def test_two_labels_of_a_parameter_keep_both_values() -> None:
    infobox = _box("Directed by: A", "Director: B", "Starring: C", template="Infobox film")
    matched = _matched(infobox)
    assert [row.values for name, row in matched.parameters if name == "director"] == [("A",), ("B",)]
    told: list[str] = []
    remark(matched, infobox, lambda diagnostic: told.append(diagnostic.code))
    assert told == ["parameter-repeated"]


# ── Keys


@pytest.mark.parametrize(
    ("key", "wording"),
    [
        ("Developer(s)", "developer"), ("Categories", "category"), ("Platform", "platforms"), ("Licence", "license"),
        ("Colours", "color"), ("The club", "club"), ("Career • Fields", "fields"), ("• Mayor", "mayors"),
        ("Population (2011 census)", "population"), ("Boxes", "box"), ("Programme", "program"),
    ],
)  # fmt: skip
def test_keys_have_other_wordings(key: str, wording: str) -> None:
    assert wording in wordings(key)


def test_measures_keep_their_heading() -> None:
    assert "density" not in wordings("Population • Density")
    assert folded("Population • Density") == "populationdensity"


@pytest.mark.parametrize("key", ["", "s", "•", "()", "((((", "🦀", "12", "a" * 10_000, "(s)" * 20, "– • –"])
def test_odd_keys_have_no_useless_wordings(key: str) -> None:
    assert "" not in wordings(key)
    assert folded(key) not in wordings(key)
    assert _matched(_box(f"{key}: 1", template="Infobox film")).template == "Infobox film"


# ── The catalogue


def test_labels_are_reviewed() -> None:
    """Of every template that has labels of its own the catalogue has the parameters; no label stands for nothing."""
    tables = labels()
    for name, table in tables.items():
        for label, written in table.items():
            assert label.strip() == label
            assert folded(label), label
            for meaning in meanings_of(written):
                assert all(re.fullmatch(r"[\w .:/°#'()&?-]+", each) for each in meaning.names), (name, label)
    assert len(tables) > 60


def test_labels_of_single_templates_reach_a_parameter() -> None:
    for template in shipped().templates:
        for label in template.labels:
            matched = _matched(Infobox((Field(label, ("x",)),), template.name))
            assert matched.parameters, (template.name, label)


def test_catalogue_with_labels_is_read_as_it_was_written() -> None:
    own = Template("Infobox well", (), (Parameter("dug"),), labels={"Dug in": "dug"})
    catalogue = Catalogue((own,), labels={"Sunk": "dug | sunk"})
    read = read_catalogue(write_catalogue(catalogue), "x")
    assert (read.templates, read.labels) == (catalogue.templates, catalogue.labels)


def test_labels_that_clash_mean_the_first_and_lose_nothing() -> None:
    """Labels that are the same but for case and signs, and a label that is another parameter's name."""
    parameters = (Parameter("dug"), Parameter("site"), Parameter("depth", label="Dug"))
    labels_of = {"Sunk in": "dug", "SUNK-IN": "site", "Site": "dug", "Lost": "nothing of the kind"}
    own = Template("Infobox well", (), parameters, labels=labels_of)
    catalogue = Catalogue((own,), labels={"Sunk in": "depth"})
    matched = _matched(
        _box("Sunk in: A", "sunk in: B", "Site: C", "Dug: D", "Lost: E", template="Infobox well"), catalogue
    )
    assert _values(matched) == {"dug": "B", "site": "C"} | {"dug": "D"}
    assert [(name, row.values) for name, row in matched.parameters] == [
        ("dug", ("A",)),
        ("dug", ("B",)),
        ("dug", ("D",)),
        ("site", ("C",)),
    ]
    assert [row.values for _, row in matched.leftovers] == [("E",)]


def test_labels_of_ones_own_come_first() -> None:
    base = Catalogue((Template("Infobox well", (), (Parameter("dug"), Parameter("site")), labels={"Where": "dug"}),))
    own = Catalogue((Template("Infobox well", labels={"Where": "site"}),), labels={"Sunk": "dug"})
    catalogue = merged(base, own)
    matched = _matched(_box("Where: A", "Sunk: B", template="Infobox well"), catalogue)
    assert _values(matched) == {"site": "A", "dug": "B"}
