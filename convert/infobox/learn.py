"""Learns a catalogue from pages: which infoboxes they call, with which parameters, how often, in what order.

    lessons = Lessons()
    for page in pages(stream, report):       an export dump; or any pages with their wikitext
        lessons.page(page)
    catalogue = calibrated(lessons.catalogue(), lessons)

A template is an infobox if its name matches ``INFOBOX``.  Redirects among templates become aliases.  Memory grows with
the number of templates, not of pages, apart from a bounded sample of calls, with which ``calibrated`` calibrates the
probabilities of guesses.
"""

from __future__ import annotations

import heapq
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from zlib import crc32

from msgspec import Struct, structs

from convert.ast import Article, Infobox, Paragraph, Text
from convert.infobox.catalogue import Catalogue, Kind, Parameter, Template, title_key
from convert.infobox.examples import infobox_calls
from convert.infobox.guess.nouns import lead_text, predicate_nouns
from convert.infobox.keys import loose
from convert.infobox.kinds import kind_of
from convert.profile import TEMPLATE
from convert.wikitext.dumps import DumpPage
from convert.wikitext.page import lead_of, redirect_of

#: Names of infoboxes, in the languages whose Wikipedias have words of their own for them.
INFOBOX = "|".join(
    (
        "info ?box|infoboks|^info/|taxobox|speciesbox|geobox|chembox|drugbox|starbox|elementbox",
        "^ficha|infotaula|infokutija|informkesto|infokaste|infolentelė|infopolje|infocas|^casetă|tietolaatikko",
        "^fakta(?:mall|boks|ruta)|kotak ?info|bilgi kutusu|bilgi qutusu|^thông tin|hộp thông tin",
        "картк|^карточка|инфокут|инфобокс|^πληροφορίες|^κουτί πληροφοριών|^տեղեկաքարտ|ინფოდაფა|תבנית מידע",
        "معلومات|جعبه|माहितीचौकट|ज्ञानसन्दूक|তথ্যছক|தகவற்|సమాచారపెట్టె|กล่องข้อมูล|^基礎情報|信息框|資訊框|정보$",
    )
)

# Size of the sample of calls for calibration.
SAMPLE = 5000


class LearnOptions(Struct, frozen=True):
    """Options of learning.

    ``infobox`` is the pattern of infoboxes' names, case-insensitive.  Templates with fewer than ``least_calls`` calls
    are left out, and so are parameters with values in fewer calls than ``least_uses``, or than the share
    ``least_share``.
    """

    infobox: str = INFOBOX
    least_calls: int = 1
    least_uses: int = 1
    least_share: float = 0.0


class Example(Struct, frozen=True):
    """An article with an infobox whose template is known."""

    template: str
    article: Article


# ── Counts


# Calls of a template that are enough to learn the order of its parameters.
_ORDERS = 100
# A call with more parameters than any template has is ignored: all pairs are counted, which is quadratic.
_MOST_ORDERED = 400
# Of more nouns, those that were counted once are forgotten.
_MOST_NOUNS = 1000
#: A longer chain of redirects is treated as a cycle; wikis follow one or two.
_MOST_REDIRECTS = 20


class _Counted:
    """Counts of the calls of one template, and of each of its parameters."""

    def __init__(self) -> None:
        self.names: Counter[str] = Counter()
        self.parameters: dict[str, _CountedParameter] = {}
        self.orders: list[tuple[str, ...]] = []
        self.nouns: Counter[str] = Counter()

    def add(self, name: str, infobox: Infobox, nouns: Iterable[str]) -> None:
        self.names[name] += 1
        self.nouns.update(nouns)
        if len(self.nouns) > _MOST_NOUNS:
            self.nouns = Counter({noun: count for noun, count in self.nouns.items() if count > 1})
        fields = {loose(field.key): field for field in infobox.fields if field.key}
        if len(self.orders) < _ORDERS and len(fields) <= _MOST_ORDERED:
            self.orders.append(tuple(fields))
        for key, field in fields.items():
            counted = self.parameters.setdefault(key, _CountedParameter())
            counted.names[field.key] += bool(field.values)
            if field.values:
                counted.kinds[kind_of(" ".join(field.values)) or "text"] += 1

    def take(self, addition: _Counted) -> None:
        self.names.update(addition.names)
        self.nouns.update(addition.nouns)
        self.orders += addition.orders
        for key, parameter in addition.parameters.items():
            counted = self.parameters.setdefault(key, _CountedParameter())
            counted.names.update(parameter.names)
            counted.kinds.update(parameter.kinds)


class _CountedParameter:
    """How often a parameter has a value, by the spelling of its name and by kind."""

    def __init__(self) -> None:
        self.names: Counter[str] = Counter()
        self.kinds: Counter[Kind] = Counter()


class Lessons:
    """What is learnt so far."""

    def __init__(self, options: LearnOptions = LearnOptions()) -> None:
        self.options = options
        self.calls = 0
        self._infobox = re.compile(options.infobox, re.IGNORECASE)
        self._counted: dict[str, _Counted] = {}
        self._redirects: dict[str, tuple[str, str]] = {}
        self._sample: list[tuple[int, int, Example]] = []

    def page(self, page: DumpPage) -> None:
        """Learn from a page: from the calls in its text, or from the redirect of a template."""
        target = page.redirect or redirect_of(page.text)
        if target:
            if page.namespace == TEMPLATE:
                self.redirect(_plain(page.title), _plain(target))
        elif page.namespace != TEMPLATE:
            for name, infobox, end in infobox_calls(page.text, self._infobox):
                lead = (Paragraph((Text(lead_of(page.text, end)),)),)
                self.add(Example(name, Article(page.title, (infobox,), lead)))

    def redirect(self, alias: str, name: str) -> None:
        """Learn a redirect between names of templates."""
        self._redirects[title_key(alias)] = (alias, name)

    def add(self, example: Example) -> None:
        """Learn from the first infobox of an article; fields without values count as not filled in."""
        infobox = example.article.infoboxes[0]
        self.calls += 1
        pairs = predicate_nouns(example.article.title, lead_text(example.article))
        nouns = list(dict.fromkeys(noun for pair in pairs for noun in pair))
        self._counted.setdefault(title_key(example.template), _Counted()).add(example.template, infobox, nouns)
        # A sample that does not depend on the order of calls: those with the lowest checksums.
        order = -crc32(f"{example.article.title}\n{example.template}".encode())
        entry = (order, self.calls, example)
        if len(self._sample) < SAMPLE:
            heapq.heappush(self._sample, entry)
        else:
            heapq.heappushpop(self._sample, entry)

    def examples(self) -> list[Example]:
        """Yield the sample of calls, in an order that does not depend on that of the pages."""
        return [example for _, _, example in sorted(self._sample, key=lambda entry: entry[:2])]

    def catalogue(self, known: Catalogue = Catalogue(), *, ordered: bool = True) -> Catalogue:
        """Make a catalogue of what was learnt, merged with ``known``.

        ``ordered=False`` halves the time: parameters then are in no particular order.
        """
        groups: dict[str, list[_Counted]] = {}
        for key, counted in self._counted.items():
            groups.setdefault(self._canonical(key, known), []).append(counted)
        aliases: dict[str, list[str]] = {}
        for key, (alias, _) in self._redirects.items():
            aliases.setdefault(self._canonical(key, known), []).append(alias)
        templates = {template.name: template for template in known.templates}
        for name, group in groups.items():
            known_before = templates.get(name, Template(name))
            learnt = _template(known_before, aliases.get(name, ()), group, self.options, ordered)
            if learnt.uses >= self.options.least_calls or name in templates:
                templates[name] = learnt
        return Catalogue(tuple(templates.values()), known.about, known.calibration, known.labels)

    def _canonical(self, key: str, known: Catalogue) -> str:
        """Resolve a name to its template's: as ``known`` spells it, else as most calls do."""
        key = self._followed(key)
        template = known.find(key)
        if template:
            return template.name
        counted = self._counted.get(key)
        return title_key(counted.names.most_common(1)[0][0]) if counted else key

    def _followed(self, key: str) -> str:
        """Follow redirects to their end; a name in a cycle stays unchanged."""
        seen = {key}
        target = key
        while target in self._redirects:
            target = title_key(self._redirects[target][1])
            if target in seen or len(seen) > _MOST_REDIRECTS:
                return key
            seen.add(target)
        return target


def _plain(title: str) -> str:
    """Strip the namespace from a template's title."""
    return title.partition(":")[2].strip() or title


def _template(
    known: Template, aliases: Iterable[str], group: Sequence[_Counted], options: LearnOptions, ordered: bool
) -> Template:
    """Merge the known template with the counts under each of its names."""
    counted = _Counted()
    for counts in group:
        counted.take(counts)
    calls = counted.names.total()
    before = {loose(name): parameter for parameter in known.parameters for name in (*parameter.aliases, parameter.name)}
    least = max(options.least_uses, options.least_share * calls)
    learnt: dict[str, Parameter] = {}
    for key in _ordered(counted.orders, counted.parameters) if ordered else counted.parameters:
        base, parameter = before.get(key), counted.parameters[key]
        if base or parameter.names.total() >= least:
            made = _parameter(base, parameter)
            learnt.setdefault(base.name if base else made.name, made)
    parameters = [*learnt.values(), *(parameter for parameter in known.parameters if parameter.name not in learnt)]
    own = title_key(known.name)
    names = tuple(dict.fromkeys((*known.aliases, *(name for name in aliases if title_key(name) != own))))
    nouns = _with_counts(known.nouns, counted.nouns)
    return structs.replace(known, aliases=names, parameters=tuple(parameters), uses=known.uses + calls, nouns=nouns)


def _with_counts(known: Mapping[str, int], counted: Mapping[str, int]) -> Mapping[str, int]:
    """Add the nouns that were counted more than once, the most frequent first."""
    nouns = Counter(known)
    nouns.update({noun: count for noun, count in counted.items() if count > 1 or noun in known})
    return dict(sorted(nouns.items(), key=lambda pair: (-pair[1], pair[0])))


def _ordered(orders: Sequence[tuple[str, ...]], keys: Iterable[str]) -> list[str]:
    """Return a consensus order of keys (rank aggregation), although each call has only some of them.

    Start with the mean relative position of each key.  Then iterate: sort the places of each call's keys, assign them
    in the call's order, and average over the calls.  Finally swap neighbours that more calls have the other way round.
    """
    places = dict.fromkeys(keys, 1.0)
    places_by_key: dict[str, list[float]] = {}
    before: Counter[tuple[str, str]] = Counter()
    for order in orders:
        before.update(combinations(order, 2))
        for number, key in enumerate(order):
            places_by_key.setdefault(key, []).append(number / len(order))
    for _ in range(_ROUNDS):
        places.update((key, sum(values) / len(values)) for key, values in places_by_key.items())
        places = {key: float(number) for number, key in enumerate(sorted(places, key=lambda key: places[key]))}
        places_by_key = {}
        for order in orders:
            for key, place in zip(order, sorted([places[key] for key in order]), strict=True):
                places_by_key.setdefault(key, []).append(place)
    ranked = sorted(places, key=lambda key: places[key])
    for _ in range(_ROUNDS):
        for place in range(len(ranked) - 1):
            first, second = ranked[place : place + 2]
            if before[second, first] > before[first, second]:
                ranked[place : place + 2] = second, first
    return ranked


_ROUNDS = 6

# A rarer spelling of a parameter is a typo; lower case is what most templates now prefer.
_SLIP = 0.05
_LOWER_CASE = 0.2


def _parameter(known: Parameter | None, counted: _CountedParameter) -> Parameter:
    base = known or Parameter("")
    uses = counted.names.total()
    spelled = {name: float(count) for name, count in counted.names.items() if count >= _SLIP * uses}
    if known:
        spelled[known.name] = spelled.get(known.name, 0.0) + known.uses + known.share
    best = max(spelled, key=lambda name: spelled[name])
    lower = [name for name in spelled if name == name.lower() and spelled[name] >= _LOWER_CASE * spelled[best]]
    name = max(lower or [best], key=lambda name: spelled[name])
    names = dict.fromkeys((*base.aliases, *spelled))
    names.pop(name, None)
    kind, of_kind = counted.kinds.most_common(1)[0] if counted.kinds else ("text", 0)
    sure = uses >= _SURE and 2 * of_kind > uses and kind != "text"
    return Parameter(name, tuple(names), base.label, kind if sure else base.kind, base.uses + uses, base.share)


# With fewer values the kind of a parameter cannot be determined.
_SURE = 3
