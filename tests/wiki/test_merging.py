"""Infoboxes merged into pages as people write them: MediaWiki's own expansion judges what each template is given."""

from __future__ import annotations

import random
from collections.abc import Mapping
from pathlib import Path

import pytest
from msgspec import structs

from convert.infobox.catalogue import Catalogue, Parameter, Template
from convert.profile import WikiProfile
from convert.upload.merging.merge import Merged, merge
from convert.upload.merging.names import MergeRules
from convert.upload.merging.places import Hidden
from convert.wikitext.scan import USUAL_TAGS
from tests.servers.wiki import Wiki
from tests.tools.merging import expanded, first_box, measured, wrong
from tests.tools.updating import Update, updated

_SHIP = Template(
    "Infobox ship", ("Ship box",), (Parameter("name"), Parameter("year", ("built", "year built")), Parameter("crew"))
)
RULES = MergeRules(
    Catalogue((_SHIP,)), {"Template:Vessel": "Template:Infobox ship"}, prefer={"year": "ours", "crew": "ours"}
)
PROFILE = structs.replace(WikiProfile(), extension_tags=USUAL_TAGS)
OURS = "{{Infobox ship\n| year = 1991\n| crew = 5\n}}\nA fast ship."
MEANT = {"year": "1991", "crew": "5"}

#: Pages in which the year becomes another one and the crew is added, and nothing else is given to any template.
PAGES = {
    "plain": "{{Infobox ship\n| name = Moya\n| year = 1990\n}}\nText.",
    "one line": "{{Infobox ship|name=Moya|year=1990}} Text.",
    "pipes at the ends": "{{Infobox ship|\nname = Moya|\nyear = 1990|\n}}",
    "pipes alone": "{{Infobox ship\n|\nname = Moya\n|\nyear = 1990\n}}",
    "aligned": "{{Infobox ship\n| name       = Moya\n| year       = 1990\n| home port  = Rigel\n}}",
    "tabs": "{{Infobox ship\n|\tname\t=\tMoya\n|\tyear\t=\t1990\n}}",
    "windows line ends": "{{Infobox ship\r\n| name = Moya\r\n| year = 1990\r\n}}\r\nText.",
    "no space at all": "{{Infobox ship|year=1990}}",
    "only empty values": "{{Infobox ship\n| name =\n| year =\n| port =\n}}",
    "blank lines": "{{Infobox ship\n\n| name = Moya\n\n\n| year = 1990\n\n}}",
    "bullets for rows": "{{Infobox ship\n  | name = Moya\n  | year = 1990\n  }}",
    "end on the line of a value": "{{Infobox ship\n| name = Moya\n| year = 1990}}\nText.",
    "comment for a value": "{{Infobox ship\n| name = Moya\n| year = <!-- unknown -->\n}}",
    "comment behind a value": "{{Infobox ship\n| name = Moya <!-- sic -->\n| year = 1990 <!-- or 1991? -->\n}}",
    "comment in a value": "{{Infobox ship\n| name = Mo<!-- sic -->ya\n| year = 19<!-- sic -->90\n}}",
    "comment before a name": "{{Infobox ship\n| <!-- who -->name = Moya\n| <!-- when -->year = 1990\n}}",
    "comment behind a name": "{{Infobox ship\n| name <!-- who --> = Moya\n| year <!-- when --> = 1990\n}}",
    "comment between rows": "{{Infobox ship\n| name = Moya\n<!-- the dates: -->\n| year = 1990\n}}",
    "comment with a pipe": "{{Infobox ship\n| name = Moya <!-- | port = x -->\n| year = 1990\n}}",
    "row commented out": "{{Infobox ship\n| name = Moya\n<!--| year = 1980 -->\n| year = 1990\n}}",
    "comment behind the name of the template": "{{Infobox ship<!-- see the page -->\n| year = 1990\n}}",
    "reference with a pipe": "{{Infobox ship\n| name = Moya<ref>Book | p. 3</ref>\n| year = 1990\n}}",
    "reference as the value": "{{Infobox ship\n| name = Moya\n| year = 1990<ref name=a>Book = 3 | x</ref>\n}}",
    "named references": '{{Infobox ship\n| name = Moya<ref name="a|b" />\n| year = 1990\n}}',
    "template in a reference": "{{Infobox ship\n| name = Moya<ref>{{cite|a=Ships|p=3}}</ref>\n| year = 1990\n}}",
    "gallery": "{{Infobox ship\n| image = <gallery>\nA.png|One\nB.png|Two = 2\n</gallery>\n| year = 1990\n}}",
    "math": "{{Infobox ship\n| mass = <math>\\|x\\| = \\{1|2\\}</math>\n| year = 1990\n}}",
    "nowiki": "{{Infobox ship\n| name = <nowiki>}} | year = 3</nowiki>\n| year = 1990\n}}",
    "pre": "{{Infobox ship\n| name = <pre>a | b\n}}</pre>\n| year = 1990\n}}",
    "poem": "{{Infobox ship\n| song = <poem>\nO ship | O sea\n</poem>\n| year = 1990\n}}",
    "imagemap": "{{Infobox ship\n| map = <imagemap>\nFile:A.png|x\nrect 0 1 [[B|c]]\n</imagemap>\n| year = 1990\n}}",
    "code": '{{Infobox ship\n| code = <syntaxhighlight lang="c">a || b;</syntaxhighlight>\n| year = 1990\n}}',
    "timeline": "{{Infobox ship\n| line = <timeline>\na = b | c\n</timeline>\n| year = 1990\n}}",
    "tags of HTML": '{{Infobox ship\n| name = <small class="a=b">Moya</small><br />\n| year = <b>1990</b>\n}}',
    "nested template": "{{Infobox ship\n| name = {{lang|de|Moya}}\n| year = {{start date|1990|1|2}}\n}}",
    "deeply nested": "{{Infobox ship\n| name = {{a|{{b|{{c|{{d|x=y|z}}}}}}}}\n| year = 1990\n}}",
    "infobox in an infobox": "{{Infobox ship\n| module = {{Infobox engine\n| year = 1980\n}}\n| year = 1990\n}}",
    "infobox in a wrapper": "{{Stack|\n{{Infobox ship\n| name = Moya\n| year = 1990\n}}\n|width=9}}\nText.",
    "named argument of a wrapper": "{{Stack\n| first = {{Infobox ship|year=1990}}\n| second = x\n}}",
    "div": '<div class="box">\n{{Infobox ship\n| year = 1990\n}}\n</div>\nText.',
    "onlyinclude": "<onlyinclude>{{Infobox ship\n| year = 1990\n}}</onlyinclude>\nText.",
    "noinclude around": "<noinclude>{{Documentation}}</noinclude>{{Infobox ship\n| year = 1990\n}}",
    "table cell": '{| class="wikitable"\n|-\n| {{Infobox ship\n| year = 1990\n}}\n| b\n|}\nText.',
    "tabber": "<tabber>\nOne={{Infobox ship\n| year = 1990\n}}\n</tabber>",
    "table in a value": "{{Infobox ship\n| table = {{{!}}\n{{!}} a {{!}}{{!}} b\n{{!}}}\n| year = 1990\n}}",
    "pipe of a magic word": "{{Infobox ship\n| name = A {{!}} B\n| year = 1990\n}}",
    "equals of a magic word": "{{Infobox ship\n| name = A {{=}} B\n| year = 1990\n}}",
    "links": "{{Infobox ship\n| name = [[Moya (ship)|Moya]]\n| image = [[File:A.png|a = b]]\n| year = [[1990]]\n}}",
    "addresses": "{{Infobox ship\n| site = [https://a.b/?b=c A = B]\n| url = https://a.example/?x=y\n| year = 1990\n}}",
    "equals in a value": "{{Infobox ship\n| formula = E = mc² = x\n| year = 1990\n}}",
    "several lines": "{{Infobox ship\n| notes = One\n\nTwo\n* a\n* b = c\n: d\n| year = 1990\n}}",
    "list in a value": "{{Infobox ship\n| owners =\n* Ann\n* Bob\n| year = 1990\n}}",
    "entities": "{{Infobox ship\n| name = M&ouml;ya&nbsp;&#124; &lt;b&gt;\n| year = 1990&ndash;91\n}}",
    "parser functions": "{{Infobox ship\n| name = {{#if: a | b | c }}\n| year = {{#switch: x | x = 1990 | y = 2 }}\n}}",
    "expression": "{{Infobox ship\n| length = {{#expr: 2 * 3 }} m\n| year = 1990\n}}",
    "variables": "{{Infobox ship\n| name = {{PAGENAME}} {{#tag:ref|a|name=b}}\n| year = 1990\n}}",
    "function round it": "{{#if: x | {{Infobox ship\n| year = 1990\n}} | no }}\nText.",
    "behaviour switch": "__NOTOC__\n{{Infobox ship\n| name = __TOC__\n| year = 1990\n}}",
    "signature": "{{Infobox ship\n| name = Moya\n| year = 1990\n}}\n~~~~",
    "arguments of the page": "{{Infobox ship\n| name = {{{name|Moya}}}\n| year = {{{year|1990}}}\n}}",
    "numbered parameters": "{{Infobox ship\n| image1 = A.png\n| image2 = B.png\n| year = 1990\n}}",
    "unnamed arguments": "{{Infobox ship|first| second |year=1990|third}}",
    "unnamed and numbered": "{{Infobox ship|first|2=second|year=1990}}",
    "empty arguments": "{{Infobox ship||name=Moya||year=1990|}}",
    "name of white space": "{{Infobox ship\n| = nothing\n| name = Moya\n| year = 1990\n}}",
    "duplicates of another parameter": "{{Infobox ship\n| name = Moya\n| name = Talyn\n| year = 1990\n}}",
    "unclosed tag of HTML": "{{Infobox ship\n| name = <b>Moya\n| year = 1990\n}}\nText.",
    "unclosed reference behind it": "{{Infobox ship\n| name = Moya\n| year = 1990\n}}\nText.<ref>open",
    "unclosed comment behind it": "{{Infobox ship\n| year = 1990\n}}\nText. <!-- open",
    "unclosed braces behind it": "{{Infobox ship\n| year = 1990\n}}\nText. {{open | a = b",
    "quotes": "{{Infobox ship\n| name = '''Moya''' ''x\n| year = '1990'\n}}",
    "no-break space as space": "{{Infobox ship\n| name = \u00a0Moya\u00a0\n| year = 1990\n}}",
    "no-break space in a name": "{{Infobox ship\n|\u00a0crew = 9\n| year = 1990\n}}",
    "other scripts": "{{Infobox ship\n| назва = Моя\n| שם = מויה\n| year = 1990\n}}",
    "template by its full title": "{{ template : infobox_ship \n| year = 1990\n}}",
    "safe substitution in a value": "{{Infobox ship\n| name = {{safesubst:lc:MOYA}}\n| year = 1990\n}}",
    "variant markup": "{{Infobox ship\n| name = a-{}-b\n| year = 1990\n}}",
    "hatnotes above": "{{Short description|A ship}}\n{{About|it|others|Moya}}\n{{Infobox ship\n| year = 1990\n}}",
    "redirect of the template": "{{vessel\n| year = 1990\n}}",
    "alias of the template": "{{Ship box\n| year = 1990\n}}",
    "other infoboxes": "{{Infobox engine\n| year = 1980\n}}\n{{Infobox ship\n| year = 1990\n}}\n{{Navbox|year=1970}}",
}  # fmt: skip
#: Pages on which parameters have other names, and what is meant to change.
SPELLED: dict[str, tuple[str, Mapping[str, str]]] = {
    "capitals": ("{{Infobox ship\n| Name = Moya\n| Year = 1990\n| Crew = 4\n}}", {"Year": "1991", "Crew": "5"}),
    "alias": ("{{Infobox ship\n| built = 1990\n| crew = 5\n}}", {"built": "1991"}),
    "alias with a space": ("{{Infobox ship\n| Year built = 1990\n}}", {"Year built": "1991", "crew": "5"}),
    "alias with an underscore": ("{{Infobox ship\n| year_built = 1990\n}}", {"year_built": "1991", "crew": "5"}),
    "empty beside its alias": ("{{Infobox ship\n| year =\n| built = 1990\n}}", {"built": "1991", "crew": "5"}),
    "there already": ("{{Infobox ship\n| year = 1991\n| crew = 5 <!-- five -->\n}}", {}),
}
#: Pages that are refused, and a part of the reason.
REFUSED = {
    "duplicates": ("{{Infobox ship\n| year = 1989\n| year = 1990\n}}", "is given 2 times"),
    "duplicates of another name": ("{{Infobox ship\n| year = 1989\n| built = 1990\n}}", "is given 2 times"),
    "heading": ("{{Infobox ship\n| notes =\n== a | b ==\n| year = 1990\n}}", "begins with '='"),
    "unclosed reference": ("{{Infobox ship\n| name = <ref>A | b\n| year = 1990\n}} {{b|}}</ref>", "does not call"),
    "unclosed nowiki": ("{{Infobox ship\n| name = <nowiki>x\n| year = 1990\n}}</nowiki>", "does not call"),
    "unclosed link": ("{{Infobox ship\n| name = [[Moya\n| year = 1990\n}}", "does not call"),
}  # fmt: skip


def _merged(page: str) -> Merged | Hidden:
    found = merge("", page, OURS, PROFILE, RULES)
    assert isinstance(found, Merged | Hidden), found
    return found


def test_only_what_is_meant_changes(wiki: Wiki) -> None:
    """Every page is merged, and what is merged is what MediaWiki then gives to its templates."""
    cases = {name: (page, MEANT) for name, page in PAGES.items()} | SPELLED
    assert len(cases) >= 60
    merged = {name: _merged(page) for name, (page, _) in cases.items()}
    assert {name: found for name, found in merged.items() if isinstance(found, Hidden)} == {}
    before = expanded(wiki, [page for page, _ in cases.values()])
    after = expanded(wiki, [found.text for found in merged.values() if isinstance(found, Merged)])
    verdicts = {
        name: wrong(old, new, meant) for (name, (_, meant)), old, new in zip(cases.items(), before, after, strict=True)
    }
    assert {name: why for name, why in verdicts.items() if why} == {}


@pytest.mark.parametrize(("page", "why"), REFUSED.values(), ids=REFUSED)
def test_what_is_not_safe_is_refused(page: str, why: str) -> None:
    """With the true reason."""
    found = _merged(page)
    assert isinstance(found, Hidden)
    assert why in found.why


def test_judge_sees_what_went_wrong(wiki: Wiki) -> None:
    """A parameter added twice, a value cut short, a text moved."""
    page = "{{Infobox ship\n| name = {{a|b}}\n| year = 1990\n}} Text."
    meant = {"year": "1991"}
    spoilt = {
        page.replace("1990", "1991"): "",
        page: "{} instead of",
        page.replace("1990", "1991\n| Name = x"): "instead of",
        page.replace("1990", "1991").replace("Text", "Words"): "the text round the templates",
        page.replace("1990", "1991").replace("a|b", "a|c"): "several templates",
        page.replace("1990", "1991 {{c}}"): "instead of",
        page.replace("a|b", "d|b"): "Template:A is Template:D",
    }
    (before,) = expanded(wiki, [page])
    for text, why in spoilt.items():
        (after,) = expanded(wiki, [text])
        assert why in wrong(before, after, meant), text
        assert bool(why) == bool(wrong(before, after, meant)), text


def test_pages_of_a_dump_are_measured(wiki: Wiki) -> None:
    """As the tool does at length."""
    pages = [(name, page) for name, page in PAGES.items() if first_box(page)]
    ship, names = "{{{{Infobox ship\n| name = {}\n| port = {}\n| year = 1\n}}}}\n", ("Moya", "Talyn", "Rygel")
    fleet = "".join(ship.format(name, f"Port {name}") for name in names)
    pages += [(f"several {number}", fleet + "Text.") for number in range(9)]
    pages += [
        ("several in a wrapper", f"{{{{Stack|{fleet}}}}}"),
        ("one in another", fleet.replace("1\n}}", "1", 1) + "}}"),
    ]
    tally = measured(wiki, pages, random.Random(1))
    assert not tally.counts["wrong"], tally.reasons
    assert tally.counts["merged"] > (len(pages) - 11) * 0.8
    assert tally.counts["merged several"] > 6


def test_updates_need_no_hand(wiki: Wiki, tmp_path: Path) -> None:
    """An upload of articles to pages that people wrote, killed and with faults, as the tool does it at length."""
    names = (
        "plain",
        "one line",
        "comment in a value",
        "nested template",
        "infobox in a wrapper",
        "table cell",
        "links",
    )
    article = "= Updated {} =\n\nInfobox ship\n- Year: 77\n- Plain test parameter: 77\n\nWords.\n"
    wanted = [Update(f"Updated {name}", PAGES[name], "year", article.format(name)) for name in names]
    assert updated(wiki, tmp_path, wanted, 1, random.Random(1)) == {"merged": len(names)}
