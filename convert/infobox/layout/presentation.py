"""Parameters that say how a box looks: they stay in calls and are never rows; and what names or pictures the subject.

Names are compared folded: without case and punctuation (``convert.infobox.keys``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from convert.expressions import expression
from convert.infobox.catalogue import Parameter
from convert.infobox.keys import folded
from convert.infobox.layout.model import Picture

#: What can have a size, a caption and a description.
_PICTURED = (
    "(?:ship|static|main|crash|range|location|route|locator|blank|player|infobox)?"
    "(?:image|img|picture|photo|pic|cover|logo|map|pushpin|mapframe|signature|flag|seal|shield|emblem|coa|coatofarms|coat|crest"
    "|symbol|icon|banner|badge|poster|screenshot)(?:map|image|file|skyline|box|shield|flag|seal)?"
)
# Such names say the same in every template, and in boxes without one.
_LOOKS = expression(
    rf"{_PICTURED}[lr]?[0-9]*(?:size|width|height|maxsize|px|upright|scale|border|style|class|thumbtime|alt|alttext)"
    rf"(?:px)?[lr]?[0-9]*"
    rf"|(?:alt|imagealt|imagealttext|mapalt|imagesize|coversize|mapsize|shieldsize|msize|boxwidth|imagepx)[lr]?[0-9]*"
    r"|(?:background|bg|text|header|title|label|box|bar|party|border|family|league|font|line|headers?)colou?r"
    r"(?:s|text|light|dark)?[0-9]*|(?:bg|schem|scheme)colou?r|colou?r(?:scheme|text|box)"
    r"|italic(?:s|title|thetitle)?|noitalics?|displaytitle|(?:title|name|above|below|label|data|header|body|image|caption"
    r"|box|parts|list)(?:style|class)[0-9]*"
    r"|pushpin[a-z0-9]*|mapframe[a-z0-9]*|locmapin|map(?:relief|labelposition|mark|marksize|dotlabel|cue|zoom)"
    r"|marksize|labelposition|locatorposition|floatposition"
    r"|coord(?:inate)?s?(?:display|format|type|region|parameters|notitle)|isoregion"
    r"|(?:nativename|othername|nativemotto|native|motto|name)lang(?:code)?[0-9]*"
    r"|unitpref|areamagnitude|decat|nocat(?:s|egory|egories)?|noautocat|noinfobox"
    r"|(?:hide|show)(?:header|flag|medals|coords?|map|deliveries)|collaps(?:e|ed|ible)[0-9]*|collapsetext|autoheaders?"
    r"|fetchwikidata[a-z]*|suppressfields|onlysourced|noicon|verifi?edfields|verifiedrevid|verifedfields|watchedfields"
    r"|pattern(?:name|la|ra|b|sh|so)[0-9]+|(?:left|right)arm[0-9]+|(?:body|shorts|socks)[0-9]+|kitalt[0-9]+"
)
# These say it where the catalogue has them; elsewhere, they may be facts.
_LOOKS_IF_KNOWN = expression(
    "background|border|landscape|embed|child|subbox|module[0-9]*|size|width|colou?r|wikidata|qid|refs?|reference|sortkey"
    "|converted|lat(?:d|m|s|ns)|long(?:d|m|s|ew)|columns?[0-9]*|updated|noinfo|noimage|maptype|label|mark|zoom"
    "|[a-z]+(?:footnotes?|(?<!grid)(?<!osgrid)ref)|imagename|misc|reviews|livingordead|statsleague|extrahdr|metric(?:elev|rwy)"
    "|medaltemplates|rangelat(?:d|m|s|ns)|rangelong(?:d|m|s|ew)|(?:lat|long)(?:ns|ew)|dateformat|datesformat|campaignbox"
)
# Of these, some templates have facts under the same name.
_FACTS = frozenset({"label", "reference", "columns", "size", "width", "color", "colour", "reviews", "mark"})

#: Parameters that name the subject, best first; the words of a template's name count as well.
_TITLES = ("name", "title", "officialname", "conventionallongname", "playername", "showname", "subjectname")
_SAME_TITLES = ("playername", "showname", "subjectname", "bandname", "episodename", "ridername", "runnername")
#: Parameters that are images even without a known kind.
_IMAGES = frozenset(
    {"image", "img", "cover", "photo", "picture", "logo", "screenshot", "imagefile", "shipimage", "imageskyline"}
)
_IMAGE_FILES = expression(
    r"(?:image|ship|static)?(?:image|imagefile|imagename|flag|coat|seal|shield|skyline|map|signature|imageflag|imagemap|logo"
    r"|rangemap|track|blankemblem|coatofarms)[lr]?[0-9]?(?:image|name|file)?"
)
_SAME_IMAGES = frozenset(
    {"image", "img", "imagefile", "imagename", "imagelocation", "imageskyline", "photo", "picture", "pic", "cover"}
)
# Images of something of the subject, which stand in rows of their own.
_ASIDE = expression("map|signature|flag|coat|seal|shield|track|emblem|symbol|screenshot|[2-9]$")
_CAPTIONS = ("caption", "capt")
_ALTS = ("alt", "alttext")
_SIZES = ("size", "width", "upright")


def is_presentation(name: str, known: bool) -> bool:
    """Return whether a parameter or key only says how a box looks; ``known``: the catalogue has it."""
    name = folded(name)
    return bool(_LOOKS.fullmatch(name) or (known and name not in _FACTS and _LOOKS_IF_KNOWN.fullmatch(name)))


def is_image(parameter: Parameter, known: bool) -> bool:
    """Return whether the values of a parameter are images."""
    if parameter.kind == "image":
        return True
    name = folded(parameter.name)
    return parameter.kind == "text" and (name in _IMAGES or (known and bool(_IMAGE_FILES.fullmatch(name))))


def main_images(images: Sequence[Parameter], wanted: str) -> Sequence[Parameter]:
    """Return the images at the top: the one that the design wants, or the likeliest, and those that mean the same.

    Maps, flags and the like are none.
    """

    def rank(image: Parameter) -> tuple[bool, bool, bool]:
        name = folded(image.name)
        return name != folded(wanted), name != "image", name not in _IMAGES

    first = min((each for each in images if not _ASIDE.search(folded(each.name))), key=rank, default=None)
    others = [each for each in images if each is not first and folded(each.name) in _SAME_IMAGES]
    return [first, *(others if folded(first.name) in _SAME_IMAGES else ())] if first else []


def picture(image: Parameter, by_name: Mapping[str, Parameter], is_main: bool, caption: str = "") -> Picture:
    """Return an image with its parameters; ``caption``, ``image_caption``… belong to the main one."""
    own = folded(image.name)
    number = own[-1] if own[-1:].isdigit() else ""
    bare = own.removesuffix(number)
    stems = [own, bare.removesuffix("name"), bare.removesuffix("file"), bare.removeprefix("image"), bare]
    captions = [f"{stem}{ending}{number}" for stem in stems if stem for ending in _CAPTIONS] + [f"{own}caption"]
    alts = [f"{stem}{ending}{number}" for stem in stems if stem for ending in _ALTS] + [f"{own}alt", f"alt{bare}"]
    if number:
        captions += [f"caption{number}", f"imagecaption{number}"]
        alts += [f"alt{number}", f"imagealt{number}"]
    elif is_main or own == "screenshot":
        # What has but one caption has it for the image or screenshot, and not for the logo.
        others = own not in ("image", "screenshot") and not {"image", "screenshot"}.isdisjoint(by_name)
        captions += [] if others else [folded(caption), "imagecaption", "caption", "imgcapt", "shipcaption"]
        alts += [] if others else ["imagealt", "alt", "imagealttext", "imgalt"]
    sizes = [stem + ending for stem in ((own, "image") if is_main else (own,)) for ending in _SIZES]
    return Picture(image, *(_named(names, by_name) for names in (captions, alts, sizes)))


def _named(names: Iterable[str], by_name: Mapping[str, Parameter]) -> Sequence[Parameter]:
    return tuple(dict.fromkeys(by_name[name] for name in names if name in by_name))


def titles_of(template: str, wanted: str, by_name: Mapping[str, Parameter]) -> Sequence[Parameter]:
    """Return the parameters that name the subject, the best first: others are but other names for it."""
    words = [folded(word) for word in re.split(r"[\W_]+", template)][::-1]
    own = [f"{word}name" for word in words]
    names = (folded(wanted), *_TITLES[:2], *words, *own, *_TITLES[2:])
    found = [by_name[name] for name in names if name in by_name][:1]
    return tuple(dict.fromkeys([*found, *(by_name[name] for name in (*own, *_SAME_TITLES) if name in by_name)]))
