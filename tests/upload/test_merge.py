"""Infoboxes merged into pages: what people did stays, and what cannot be seen safely is left alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from msgspec import structs

from convert.infobox.catalogue import Catalogue, Parameter, Template
from convert.profile import WikiProfile
from convert.upload.merging.call import Clash
from convert.upload.merging.merge import Merged, merge
from convert.upload.merging.names import MergeRules, Prefer
from convert.upload.merging.places import Hidden
from convert.wikitext.mwparser import agreed
from convert.wikitext.scan import calls, leading, without_comments
from convert.writers import escape
from tests.servers.wiki import Wiki
from tests.support.strategies import MARKUP, ON_A_WIKI, lines

WIKI = WikiProfile()

BASE = "{{Infobox ship\n| name = Moya\n| year = 1990\n| crew = 5\n}}\nA ship."
OURS = "{{Infobox ship\n| name = Moya\n| year = 1991\n| speed = 9\n| home = {{hlist|A|B}}\n}}\nA fast ship."

#: A page now, and the page merged.
LAYOUTS = {
    "aligned": (
        "{{Infobox ship\n| name     = Moya\n| mine     = yes <!-- sic -->\n| year     = 1990\n| crew     = 5\n}}\nOld.",
        "{{Infobox ship\n| name     = Moya\n| mine     = yes <!-- sic -->\n| year     = 1991\n"
        "| speed    = 9\n| home     = {{hlist|A|B}}\n}}\nOld.",
    ),
    "one line": (
        "{{infobox_ship|name=Moya|year=1990|crew=5}}Old.",
        "{{infobox_ship|name=Moya|year=1991|speed=9|home={{hlist|A|B}}}}Old.",
    ),
    "pipes at the end": (
        "{{Infobox ship |\n name=Moya |\n year=1990 |\n crew=5\n}}",
        "{{Infobox ship |\n name=Moya |\n year=1991 |\n speed=9 |\n home={{hlist|A|B}}\n}}",
    ),
    "end on the last line": (
        "{{Template:Infobox ship\n| name = Moya\n| year = 1990\n| crew = 5 }}",
        "{{Template:Infobox ship\n| name = Moya\n| year = 1991\n| speed = 9\n| home = {{hlist|A|B}} }}",
    ),
    "around it": (
        "''Intro'' {{nb|{{x}}}}\n{{Infobox ship\n| name = Moya\n| year = 1990\n| crew = 5\n}}\n{{end}} ~~~~\n",
        "''Intro'' {{nb|{{x}}}}\n{{Infobox ship\n| name = Moya\n| year = 1991\n| speed = 9\n"
        "| home = {{hlist|A|B}}\n}}\n{{end}} ~~~~\n",
    ),
    "changed and removed by hand": (
        "{{Infobox ship\n| name = '''Moya'''\n| year = 1990\n}}",
        "{{Infobox ship\n| name = '''Moya'''\n| year = 1991\n| speed = 9\n| home = {{hlist|A|B}}\n}}",
    ),
    "empty by hand": (
        "{{Infobox ship\n| name = Moya\n| year = 1990\n| crew = 5\n| speed =\n| home = \n}}",
        "{{Infobox ship\n| name = Moya\n| year = 1991\n| speed = 9\n| home = {{hlist|A|B}}\n}}",
    ),
    "space behind some": (
        "{{Infobox ship\n|name=Moya \n|year=1990 \n|mine=\n* a\n|crew=5\n}}",
        "{{Infobox ship\n|name=Moya \n|year=1991 \n|speed=9 \n|home={{hlist|A|B}} \n|mine=\n* a\n}}",
    ),
    "there already": (OURS, OURS),
}

#: A page that is refused, and a part of the reason.
HIDDEN = {
    "none": ("A ship.", "does not call"),
    "in a comment": ("<!-- {{Infobox ship|name=x}} -->", "does not call"),
    "in an unclosed comment": ("<!-- {{Infobox ship|name=x}}", "does not call"),
    "in nowiki": ("<nowiki>{{Infobox ship|name=x}}</nowiki>", "does not call"),
    "in pre": ("<pre class=x>{{Infobox ship|name=x}}</pre >", "does not call"),
    "twice": ("{{Infobox ship|name=x}} {{infobox ship}}", "2 times"),
    "open": ("{{Infobox ship|name=x", "does not call"),
    "closed by another": ("{{Infobox ship|name=[[x}}", "does not call"),
    "pipe in a tag": ("{{Infobox ship|name=<b>x|year=1990</b>}}", "cannot be read safely"),
    "pipe in a variant": ("{{Infobox ship|name=-{zh:x|year=1990}-}}", "cannot be read safely"),
    "heading": ("{{Infobox ship|name=x\n== y ==\n|year=1990}}", "begins with '='"),
    "deep": ("{{Infobox ship|name=" + "{{a|" * 45 + "}}" * 45 + "}}", "cannot be read safely"),
    "repeated": ("{{Infobox ship|name=Moya|year=1990|year=1990}}", "given 2 times"),
    "unnamed": ("{{Infobox ship|name=Moya|x|year=1990|crew=5}}", "without its name"),
    "pipe in a heading": ("{{Infobox ship|name=Moya|year=1990\n== x | crew=5 ==\n}}", "begins with '='"),
    "another": ("{{Infobox boat|name=Moya}} A ship.", "but 'Template:Infobox boat'"),
    "no box of its own": ("{{Short description|x}} A ship.", "--insert puts it there"),
    "unlike": ("{{Infobox ship|name=x}} {{infobox ship|name=y}}", "2 times"),
    "under two names": ("{{Infobox ship|name=Moya|Year=1990|year=1990|crew=5}}", "'Year' and 'year' is given 2 times"),
}


@pytest.mark.parametrize(("page", "merged"), LAYOUTS.values(), ids=LAYOUTS)
def test_new_values_come_in_the_layout_of_the_page(page: str, merged: str) -> None:
    """Only what we changed changes, and everything else stays byte for byte."""
    assert merge(BASE, page, OURS, WIKI) == Merged(merged)


@pytest.mark.parametrize(("page", "why"), HIDDEN.values(), ids=HIDDEN)
def test_what_cannot_be_seen_safely_is_refused(page: str, why: str) -> None:
    """A reason is given, and nothing is guessed."""
    base, ours = BASE, OURS
    if "|x|" in page:
        base, ours = base.replace("crew", "1 = x\n| crew"), ours.replace("speed", "1 = y\n| speed")
    found = merge(base, page, ours, WIKI)
    assert isinstance(found, Hidden)
    assert why in found.why


def test_parameter_changed_on_both_sides_is_a_clash() -> None:
    """Every one of them is told, with what each side says."""
    page = "{{Infobox ship\n| name = Moya\n| year = 1992\n| speed = 8\n}}"
    assert merge(BASE, page, OURS, WIKI) == (
        Clash("year", "1990", "1992", "1991"),
        Clash("speed", None, "8", "9"),
    )
    gone = BASE.replace("| name = Moya\n", "")
    assert merge(BASE, BASE.replace("Moya", "Leviathan"), gone, WIKI) == (Clash("name", "Moya", "Leviathan", None),)


def test_another_template_replaces_ours_and_not_theirs() -> None:
    """A template that we chose anew is taken over, where nobody chose yet another one."""
    ours = OURS.replace("Infobox ship", "Infobox boat")
    merged = merge(BASE, BASE, ours, WIKI)
    assert isinstance(merged, Merged)
    assert merged.text.startswith("{{Infobox boat\n| name = Moya\n| year = 1991\n")
    assert isinstance(merge(BASE, BASE.replace("Infobox ship", "Infobox raft"), ours, WIKI), Hidden)


def test_several_infoboxes_are_merged_each() -> None:
    """They are told apart by their templates, whatever else stands before the text."""
    two = "{{DISPLAYTITLE:x}}\n{{Infobox ship\n| a = %s\n}}\n{{Taxobox\n| b = %s\n}}\nText."
    page = "{{Taxobox|b=1}} {{Infobox ship|a=1}} Old."
    assert merge(two % (1, 1), page, two % (2, 3), WIKI) == Merged("{{Taxobox|b=3}} {{Infobox ship|a=2}} Old.")


# ── Properties

_NAMES = ("name", "year", "home port", "x1", "é", "IUPAC name")
_values = lines(4).map(lambda text: escape.template_argument(" ".join(text.split()), WIKI))
_arguments = st.dictionaries(st.sampled_from(_NAMES), _values, max_size=5)
_around = st.lists(st.one_of(st.sampled_from(MARKUP), st.sampled_from(["word ", "\n", "{{nb}}", "{{x|y=z}}"])))
_FORMS = ("\n| {} = {}", "\n|{:<12}= {}", "|{}={}", "\n | {:<8} =  {} ", "|\n{} = {}", "\n| {} = {} <!-- c -->")


def _call(arguments: Mapping[str, str], form: str = _FORMS[0], end: str = "\n") -> str:
    return "{{Infobox ship" + "".join(form.format(*each) for each in arguments.items()) + end + "}}"


@pytest.mark.slow
@settings(max_examples=200)
@given(
    base=_arguments,
    theirs=_arguments,
    ours=_arguments,
    form=st.sampled_from(_FORMS),
    end=st.sampled_from(["\n", "", " "]),
    around=st.tuples(_around.map("".join), _around.map("".join)),
    agreeing=st.booleans(),
)
def test_merging_takes_each_parameter_from_who_changed_it(
    base: dict[str, str],
    theirs: dict[str, str],
    ours: dict[str, str],
    form: str,
    end: str,
    around: tuple[str, str],
    agreeing: bool,
) -> None:
    """Whatever stands in values and around the call: either all is as it must be, or nothing is done."""
    if agreeing:  # so that not all of them are clashes
        theirs = {name: value for name, value in {**base, **theirs}.items() if name not in ours}
        theirs |= {name: base[name] for name in ours if name in base}
    before, after = around
    page = before + _call(theirs, form, end) + after
    found = merge(_call(base), page, _call(ours), WIKI)
    if isinstance(found, Hidden):
        return
    clashes = {
        name
        for name in {**base, **theirs, **ours}
        if len({each.get(name) for each in (base, _read(page, before), ours)}) == 3
        and not (name not in base and not _read(page, before).get(name))
    }
    if not isinstance(found, Merged):
        assert clashes == {each.parameter for each in found}
        return
    assert not clashes
    assert found.text.startswith(before)
    assert found.text.endswith(after)
    for name in {**base, **theirs, **ours}:
        expected = _read(page, before).get(name) if ours.get(name) == base.get(name) else ours.get(name)
        assert expected == _read(found.text, before).get(name)
    assert merge(_call(ours), found.text, _call(ours), WIKI) == found


def _read(page: str, before: str) -> dict[str, str]:
    """Read the arguments of the call that begins behind a text."""
    (call,) = (each for each in calls(page, tags=WIKI.extension_tags) if each.start == len(before))
    pairs = zip(call.parts, call.equals, strict=True)
    return {part[:at].strip(): without_comments(part[at + 1 :]).strip() for part, at in pairs if at >= 0}


def test_plain_pages_are_never_refused() -> None:
    """Where nothing is odd, every layout is merged."""
    for form in _FORMS:
        page = (
            f"An ''intro''.\n{_call({'name': 'A', 'year': '1'}, form)}\n== Heading ==\nText [[link|a]] {{{{cite|b=c}}}}"
        )
        found = merge("", page, _call({"year": "1", "x1": "2"}), WIKI)
        assert isinstance(found, Merged)


# ── Against MediaWiki itself

# What is alive to the preprocessor, without tags of extensions.
_ALIVE = (
    "{{", "}}", "{{{", "}}}", "[[", "]]", "|", "=", "-{", "}-", "<!--", "-->", "<nowiki>", "</nowiki>", "<nowiki/>",
    "<pre>", "</pre>", "a", "b ", "\n", "{", "}", "[", "]", "==", "\n=", "{{c|d=e}}", "{{f}}", "{{{g|}}}", "[[h|i]]",
)  # fmt: skip
_texts = st.lists(st.sampled_from(_ALIVE), min_size=3, max_size=14).map("".join)


@settings(ON_A_WIKI, max_examples=4)
@given(texts=st.lists(_texts, min_size=40, max_size=60))
def test_calls_are_seen_as_mediawiki_sees_them(wiki: Wiki, texts: list[str]) -> None:
    """Each call that is seen safely is one for MediaWiki's own preprocessor, with the same parts, at whatever depth."""
    for text in texts:
        safe = [call for call in calls(text) if agreed(text, [call])]
        if safe:
            answer = wiki.api(action="expandtemplates", text=text, prop="parsetree")["expandtemplates"]["parsetree"]
            tree = etree.fromstring(answer.encode())
            seen = [_parts(template) for template in tree.iter("template")]
            assert not [each for each in safe if _compared(each.parts) not in seen], (text, answer)


def _compared(parts: tuple[str, ...]) -> list[str]:
    return ["".join(part.split()) for part in parts]


def _parts(template: Any) -> list[str]:
    """Write the parts of a template of MediaWiki's tree as they stood in the text."""
    return ["".join(_source(each).split()) for each in template if each.tag in ("title", "part")]


def _source(node: Any) -> str:
    inner = node.text or ""
    for child in node:
        inner += _source(child) + (child.tail or "")
    match node.tag:
        case "template" | "tplarg":
            around = ("{{", "}}") if node.tag == "template" else ("{{{", "}}}")
            return around[0] + "|".join(_source(each) for each in node) + around[1]
        case "name" if node.get("index"):
            return ""
        case "ext":
            close = "".join(node.xpath("close/text()"))
            texts = [node.findtext(name) or "" for name in ("name", "attr")]
            inside = node.find("inner")
            return (
                f"<{''.join(texts)}{'/' if inside is None else ''}>{'' if inside is None else inside.text or ''}{close}"
            )
    return inner


def test_leading_calls_are_those_before_the_text() -> None:
    """Comments do not count, nor do functions of the wiki."""
    page = "<!-- c -->{{DISPLAYTITLE:x}}\n{{a|b=1}}<!-- d -->\n{{e}} text {{f}}"
    assert [each.parts[0] for each in leading(page)] == ["a", "e"]


@pytest.mark.slow
def test_looking_for_calls_takes_no_square_of_the_length() -> None:
    """Where it did, this would take minutes."""
    (call,) = calls("{{" + "{{a\n" * 200_000 + "\n=" * 200_000 + "}}")
    assert call.heading


# ── Pages that people wrote

_SHIP = Template(
    "Infobox ship",
    ("Ship infobox", "Infobox boat"),
    (Parameter("name"), Parameter("known_for", ("known for", "fame")), Parameter("year"), Parameter("image_size")),
)
_RULES = MergeRules(catalogue=Catalogue((_SHIP,)))
_TAGGED = structs.replace(
    WIKI, extension_tags=frozenset("ref gallery math poem imagemap syntaxhighlight nowiki pre".split())
)
_NEW = "{{Infobox ship\n| name = Moya\n| known_for = Living\n| year = 1991\n}}\nA ship."

#: A page that nobody but people wrote, and the page merged.
BY_PEOPLE = {
    "comment for a value": (
        "{{Infobox ship\n| name = Moya\n| year = <!-- when? -->\n| known for = Living\n}}",
        "{{Infobox ship\n| name = Moya\n| year = 1991 <!-- when? -->\n| known for = Living\n}}",
    ),
    "comment behind a value": (
        "{{Infobox ship\n| name = Moya <!-- ok -->\n| year = 1991<!-- sic -->\n| fame = Living\n}}",
        "{{Infobox ship\n| name = Moya <!-- ok -->\n| year = 1991<!-- sic -->\n| fame = Living\n}}",
    ),
    "comment between rows": (
        "{{Infobox ship\n| name = Moya\n<!-- dates -->\n| year = 1991\n<!-- end -->\n}}",
        "{{Infobox ship\n| name = Moya\n<!-- dates -->\n| known_for = Living\n| year = 1991\n<!-- end -->\n}}",
    ),
    "comment before a name": (
        "{{Infobox ship\n| <!-- sic -->name = Moya\n| year =\n| known_for = Living\n}}",
        "{{Infobox ship\n| <!-- sic -->name = Moya\n| year = 1991\n| known_for = Living\n}}",
    ),
    "aliases and letters": (
        "{{Infobox_boat| Name = Moya | Known for = Living | image size = 9 | Year = }}",
        "{{Infobox_boat| Name = Moya | Known for = Living | image size = 9 | Year = 1991}}",
    ),
    "one of two names is empty": (
        "{{Infobox ship|name=Moya|known for=|fame=Living|year=1991}}",
        "{{Infobox ship|name=Moya|known for=|fame=Living|year=1991}}",
    ),
    "no-break spaces are letters": (
        "{{Infobox ship\n| name = Moya\n| year\xa0= 1990\n|\xa0known_for = x\n}}",
        None,
    ),
    "pipes in tags": (
        "{{Infobox ship|name=Moya|known_for=Living|note=<ref>Book | p. 3</ref><gallery>\nA.png|x\n</gallery>"
        "<math>|x|</math><ref name=a|b />|year=}}",
        "{{Infobox ship|name=Moya|known_for=Living|note=<ref>Book | p. 3</ref><gallery>\nA.png|x\n</gallery>"
        "<math>|x|</math><ref name=a|b />|year=1991}}",
    ),
    "in a tag": (
        "<div>{{Infobox ship|name=Moya|fame=Living}}</div>",
        "<div>{{Infobox ship|name=Moya|fame=Living|year=1991}}</div>",
    ),
    "in onlyinclude": (
        "<onlyinclude>\n{{Infobox ship|name=Moya|fame=Living}}\n</onlyinclude>",
        "<onlyinclude>\n{{Infobox ship|name=Moya|fame=Living|year=1991}}\n</onlyinclude>",
    ),
    "in a table": (
        "{|\n| a || {{Infobox ship|name=Moya|fame=Living}}\n|}",
        "{|\n| a || {{Infobox ship|name=Moya|fame=Living|year=1991}}\n|}",
    ),
    "in another call": (
        "{{Stack|{{#if:x|{{Infobox ship|name=Moya|fame=Living}}}}}}",
        "{{Stack|{{#if:x|{{Infobox ship|name=Moya|fame=Living|year=1991}}}}}}",
    ),
    "one of several": (
        "{{Infobox ship|name=Talyn|year=1995}}\n{{Infobox ship|name=Moya|fame=Living}}",
        "{{Infobox ship|name=Talyn|year=1995}}\n{{Infobox ship|name=Moya|fame=Living|year=1991}}",
    ),
}


@pytest.mark.parametrize(("page", "merged"), BY_PEOPLE.values(), ids=BY_PEOPLE)
def test_page_that_people_wrote_gets_what_it_lacks(page: str, merged: str | None) -> None:
    """Comments are no values, a parameter has one name, and no-break spaces make another one."""
    made = merge("", page, _NEW, _TAGGED, _RULES)
    if merged is None:
        assert isinstance(made, Merged)
        assert "year\xa0= 1990" in made.text
        assert "| year= 1991" in made.text
        assert "\xa0known_for = x" in made.text
        assert "\n| known_for = Living" in made.text
    else:
        assert made == Merged(merged)


def test_value_that_differs_under_another_name_is_a_clash() -> None:
    """It is told under the name that the page has."""
    page = "{{Infobox ship| name = Moya | known for = Old thing | year = 1991 }}"
    assert merge("", page, _NEW, WIKI, _RULES) == (Clash("known for", None, "Old thing", "Living"),)


@pytest.mark.parametrize(
    ("prefer", "known", "year"),
    [
        ({"": "ours"}, "Living", "1991"),
        ({"": "theirs"}, "Old thing", "1990"),
        ({"": "theirs", "fame": "ours"}, "Living", "1990"),
    ],
)
def test_preferred_side_wins_on_a_page_that_we_never_wrote(prefer: dict[str, Prefer], known: str, year: str) -> None:
    """For all parameters or for those that are named, under any name; what we wrote before is merged by its base."""
    rules = structs.replace(_RULES, prefer=prefer)
    page = "{{Infobox ship|name=Moya|known for=Old thing<!-- why? -->|year=1990}}"
    made = merge("", page, _NEW, WIKI, rules)
    comment = "<!-- why? -->" if known == "Old thing" else " <!-- why? -->"
    assert made == Merged(f"{{{{Infobox ship|name=Moya|known for={known}{comment}|year={year}}}}}")
    base = page.replace("Old thing<!-- why? -->", "Older").replace("1990", "1989")
    assert isinstance(merge(base, page, _NEW, WIKI, rules), tuple)


def test_redirect_to_the_template_is_the_template() -> None:
    """As the wiki says; the name on the page stays."""
    rules = MergeRules(redirects={"Template:Vessel": "Template:Infobox ship"})
    page = "{{vessel|name=Moya|known_for=Living}}"
    assert merge("", page, _NEW, WIKI, rules) == Merged("{{vessel|name=Moya|known_for=Living|year=1991}}")


@pytest.mark.parametrize(
    ("page", "above", "below"),
    [
        ("'''Moya''' is.\n", "", "'''Moya''' is.\n"),
        ("{{Short description|x}}\n{{About|y}}\n'''Moya'''", "{{Short description|x}}\n{{About|y}}\n", "'''Moya'''"),
        (":''For others see [[x]].''\n\n'''Moya'''", ":''For others see [[x]].''\n", "'''Moya'''"),
        ("<!-- c -->\n{{About}}\n:''x''\nMoya", "<!-- c -->\n{{About}}\n:''x''\n", "Moya"),
    ],
)
def test_infobox_is_inserted_above_the_lead_where_asked(page: str, above: str, below: str) -> None:
    """Below what leads elsewhere, and never beside another infobox."""
    box = _NEW.partition("\nA ship")[0] + "\n"
    made = merge("", page, _NEW, WIKI, structs.replace(_RULES, insert=True))
    assert made == Merged(above + box + below)
    assert isinstance(merge("", page, _NEW, WIKI, _RULES), Hidden)
    other = page + "{{Infobox dog|name=x}}"
    assert isinstance(merge("", other, _NEW, WIKI, structs.replace(_RULES, insert=True)), Hidden)


# ── Several infoboxes, answers, formats

_TWO = "{{Infobox ship|name=Talyn|year=1}} {{Infobox ship|name=Moya|year=2}}"


def test_of_several_infoboxes_the_one_is_meant_that_is_like_ours() -> None:
    """By its values, else by its parameters; two that are alike are refused."""
    new = "{{Infobox ship\n| name = Moya\n| year = 3\n}}"
    rules = structs.replace(_RULES, prefer={"": "ours"})
    assert merge("", _TWO, new, WIKI, rules) == Merged(_TWO.replace("year=2", "year=3"))
    page = "{{Infobox ship|flag=x}} {{Infobox ship|name=Talyn|year=2}}"
    assert merge("", page, new, WIKI, rules) == Merged(page.replace("Talyn", "Moya").replace("year=2", "year=3"))
    for page in (_TWO.replace("Moya", "Talyn"), "{{Infobox ship|name=A}} {{Infobox ship|name=B|year=1}}"):
        found = merge("", page, new, WIKI, rules)
        assert isinstance(found, Hidden)
        assert "which one is meant cannot be known" in found.why


def test_person_is_asked_only_for_what_is_to_be_asked() -> None:
    """Also on a page that we wrote; the answers hold for the page, whatever it was that was preferred."""
    page = "{{Infobox ship|name=Talyn|year=2}}"
    new = "{{Infobox ship\n| name = Moya\n| year = 3\n}}"
    rules = structs.replace(_RULES, prefer={"Year": "ask"})
    assert merge("", page, new, WIKI, rules) == (
        Clash("name", None, "Talyn", "Moya"),
        Clash("year", None, "2", "3", asked=True),
    )
    base = "{{Infobox ship|name=Moya|year=1}}"
    assert merge(base, page, new, WIKI, rules) == (Clash("year", "1", "2", "3", asked=True),)
    for answer, year in (("ours", 3), ("theirs", 2)):
        answered = structs.replace(_RULES, answers={"": {"year": answer}})
        assert merge(base, page, new, WIKI, answered) == Merged(page.replace("year=2", f"year={year}"))


#: Formats of TemplateData, and a call without a layout of its own in them.
FORMATS = {
    "inline": "{{Infobox ship|name=Moya|year=1991}}",
    "block": "{{Infobox ship\n| name = Moya\n| year = 1991\n}}",
    "{{_\n|_______ = _\n}}": "{{Infobox ship\n|name    = Moya\n|year    = 1991\n}}",
    "\n{{_|\n _ = _}}\n": "{{Infobox ship|\n name = Moya|\n year = 1991}}",
    "{{_\n  | _ = _ \n}}": "{{Infobox ship\n| name = Moya\n| year = 1991\n}}",
    "nonsense": "{{Infobox ship\n| name = Moya\n| year = 1991\n}}",
}


@pytest.mark.parametrize(("format", "call"), FORMATS.items())
def test_call_without_a_layout_gets_that_of_its_template(format: str, call: str) -> None:
    """So does one that is put there; one with parameters keeps its own."""
    new = "{{Infobox ship\n| name = Moya\n| year = 1991\n}}"
    rules = structs.replace(_RULES, formats={"Template:Infobox ship": format}, insert=True)
    for empty in ("{{Infobox ship}}", "{{infobox ship\n}}"):
        found = merge("", f"{empty} Text.", new, WIKI, rules)
        assert isinstance(found, Merged)
        assert found.text.lower() == f"{call} Text.".lower()
    assert merge("", "Text.", new, WIKI, rules) == Merged(f"{call}\nText.")
    assert merge("", "{{Infobox ship|name=Moya}}", new, WIKI, rules) == Merged("{{Infobox ship|name=Moya|year=1991}}")
    assert isinstance(merge("", "{{Infobox ship|x}}", new, WIKI, rules), Merged)


def test_template_in_other_letters_is_the_same() -> None:
    """A wiki has a redirect for that, or no other template."""
    page = "{{Infobox Ship|name=Moya|year=}}"
    found = merge("", page, "{{Infobox ship\n| year = 1991\n}}", WIKI, _RULES)
    assert found == Merged(page.replace("year=", "year=1991"))
    assert isinstance(merge("", page, "{{Infobox ship\n| year = 1991\n}}", WIKI), Hidden)
