"""An infobox to its template call: ``{{Infobox ship`` and one parameter per line.

``convert.infobox`` chooses the template.  Parameters are in the template's order, unknown ones last.  If no template is
likely enough, the fallback is the generic infobox, with rows of label and value.

    {{Infobox military conflict
    | conflict = Battle of the Ford
    | date     = 3 May 1322
    }}

Syntax: https://www.mediawiki.org/wiki/Help:Templates
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import islice
from operator import itemgetter
from typing import Literal

from msgspec import Struct, field, structs

from convert.ast import Article, Field, Infobox, Paragraph, Text
from convert.diagnostics import Diagnostic, Report, shown
from convert.expressions import expression
from convert.infobox import BETWEEN_VALUES, GENERIC
from convert.infobox.catalogue import Catalogue, Kind, title_key
from convert.infobox.keys import MEMORABLE
from convert.infobox.labels import labels_of
from convert.infobox.language import is_foreign
from convert.infobox.layout.untemplated import file_of, untemplated
from convert.infobox.match import Match, TemplateChoice, match, remark
from convert.links.folding import capitalised
from convert.nfc import to_nfc
from convert.profile import CATEGORY, FILE, TEMPLATE, WikiProfile
from convert.readers.layout.looks import Markup
from convert.titles import BadTitle, page_of
from convert.writers import escape
from convert.writers.escape import Guard
from convert.writers.parts.linked_values import TEXTS, Linked, with_links

#: Longer names are not aligned: with a name of many kilobytes, every row would be as long.
WIDEST_ALIGNED = 60


#: Whether values are written unchanged, or formatted by kind.
ValueStyle = Literal["plain", "typed"]


class InfoboxOptions(Struct, frozen=True):
    """How infoboxes become template calls.

    ``values="typed"`` formats dates, lists and so on with the templates for them; infobox templates named in ``typed``
    get such values in any case.  ``align``: align the equals signs.
    """

    profile: WikiProfile = field(default_factory=WikiProfile)
    choice: TemplateChoice = TemplateChoice()
    markup: Markup = "literal"
    values: ValueStyle = "plain"
    typed: tuple[str, ...] = ()
    align: bool = False


# What would end a link, or part it.
_IN_LINK = expression(r"[\[\]{}|<>&=]")
_CALL = expression(
    r"\{\{\s*((?:automatic[ _])?(?:info[ _-]?|taxo|(?:sub|infra)?species|virus|hybrid|ichno|chem|drug|geo|star)box"
    r"(?![^\W_])[^{}|<>\[\]#]{0,80}?)\s*(?:[|}]|\Z)",
    re.IGNORECASE,
)


def remark_calls(article: Article, report: Report) -> None:
    """Report calls of infobox templates in a lead that is written as text."""
    for block in article.lead:
        first = block.content[0] if isinstance(block, Paragraph) and block.content else None
        if isinstance(first, Text) and first.text[:2] == "{{" and (matched := _CALL.match(first.text)):
            name = shown(matched[1])
            message = (
                f"a call of {name} is written as text: --markup passthrough passes it on, or write 'Infobox' lines"
            )
            report(Diagnostic("infobox-unread", block.line or article.line, 1, message))


class Transclusion(Struct, frozen=True):
    """A template call: its name, and its parameters with their values, all guarded; ``links`` are those of values."""

    template: str
    arguments: Sequence[tuple[str, str]]
    links: Sequence[str] = ()

    def lines(self, align: bool = False) -> list[str]:
        """Return the lines of the call."""
        arguments = self.arguments
        if align:
            width = max([len(name) for name, _ in arguments if len(name) <= WIDEST_ALIGNED], default=0)
            arguments = [(name.ljust(width), value) for name, value in arguments]
        rows = [f"| {name} = {value}" if value else f"| {name} =" for name, value in arguments]
        return ["{{" + self.template, *rows, "}}"]


def transclusion(infobox: Infobox, article: Article, report: Report, options: InfoboxOptions) -> Transclusion:
    """Choose an infobox's template and assign its parameters; report what the author should know."""
    writer = _Arguments(options, report)
    if options.choice.infobox == GENERIC and not infobox.template:  # so no catalogue is needed
        return Transclusion(GENERIC, writer.generic(infobox, article.title), tuple(writer.links))
    chosen = match(infobox, article, options.choice, names_all=False)
    if chosen.template:
        page = page_of(chosen.template, options.profile, TEMPLATE)
        if isinstance(page, BadTitle):
            name = shown(chosen.template)
            message = f"no template can be called {name}, so this is a generic one: {page.problem}"
            report(Diagnostic("template-invalid", infobox.line or article.line, 1, message))
            return Transclusion(GENERIC, writer.generic(infobox, article.title), tuple(writer.links))
    remark(chosen, infobox, report)
    if chosen.origin == "guess" and is_foreign(infobox, article, options.choice.templates):
        message = (
            "the known templates are those of the English Wikipedia, and this article is not in English: learn those of"
            " its wiki with 'plainwiki templates sync' or 'learn', and name the file with --catalogue"
        )
        report(Diagnostic("template-foreign", infobox.line, 1, message))
    if chosen.template is None:
        return Transclusion(GENERIC, writer.generic(infobox, article.title), tuple(writer.links))
    return Transclusion(to_nfc(chosen.template), writer.named(chosen, options.choice.templates), tuple(writer.links))


class _Arguments:
    """Writes the arguments of a call."""

    def __init__(self, options: InfoboxOptions, report: Report) -> None:
        self.options = options
        self.report = report
        literal = options.markup == "literal"
        self._guarded = escape.template_arguments(options.profile, literal)
        self.links: list[str] = []
        self.name = _name_guard(options.profile, literal)

    def values(self, values: Sequence[str]) -> Sequence[str]:
        """Guard values, and link those that lead to a page."""
        guarded = self._guarded(values)
        if any(isinstance(value, Linked) for value in values):
            return [self.linked(value, text) for value, text in zip(values, guarded, strict=True)]
        return guarded

    def linked(self, value: str, text: str) -> str:
        """Return the link of a value, or its guarded text where it has none, or none can lead there."""
        if not isinstance(value, Linked):
            return text
        page = page_of(value.target, self.options.profile)
        if isinstance(page, BadTitle):
            message = f"no link can lead to {shown(value.target)}: {page.problem}"
            self.report(Diagnostic("link-invalid", value.line or 1, 1, message))
            return text
        colon = ":" if page.namespace in (FILE, CATEGORY) else ""
        label = text.replace("[", "&#91;").replace("]", "&#93;")
        profile = self.options.profile
        capitalises = profile.case_of(page.namespace) == "first-letter"
        forms = {label, capitalised(label, profile.language)} if capitalises else {label}
        is_title = not colon and not forms.isdisjoint((page.title, value.target))
        return self._kept(f"[[{label}]]" if is_title else f"[[{colon}{page.title}|{label}]]")

    def _kept(self, link: str) -> str:
        self.links.append(link)
        return link

    def generic(self, infobox: Infobox, title: str) -> Sequence[tuple[str, str]]:
        """Return the parameters of the generic infobox, which every wiki has: rows of label and value."""
        fields = untemplated(infobox, title)
        arguments: list[tuple[str, Sequence[str]]] = [("title", (title,))]
        arguments += [("caption", fields.caption.values)] if fields.caption else []
        labels = {id(row) for row in labels_of(fields.rows)}
        for number, row in enumerate(fields.rows, 1):
            if id(row) in labels:
                message = f"{shown(row.key)} heads fields, and is a row of its own: give it a value if it is a field"
                self.report(Diagnostic("group-label", row.line, 1, message))
                arguments.append((f"data{number}", (row.key,)))
                continue
            if row.key:
                arguments.append((f"label{number}", (row.key,)))
            arguments.append((f"data{number}", with_links(row)))
        written = self._joined(arguments)
        if fields.image:
            written.insert(1, ("image", self._image(fields.image, fields.alt)))
        # What only says how a box looks stays in the call, under its own name, and is no row.
        return [*written, *self._joined(self._named((row.key, row) for row in fields.looks).items())]

    def _image(self, image: Field, alt: Field | None) -> str:
        """Write an image for the generic infobox, which takes no names of files."""
        (value,) = image.values
        page = page_of(file_of(value), self.options.profile, FILE)
        if isinstance(page, BadTitle):
            return self.values([value])[0]
        told = " ".join(alt.values) if alt else ""
        described = f"|alt={self.values([told])[0]}" if told and not _IN_LINK.search(told) else ""
        return self._kept(f"[[{page.title}|frameless{described}]]")

    def named(self, chosen: Match, catalogue: Catalogue) -> Sequence[tuple[str, str]]:
        """Return the parameters of a template by name; several fields of one name are one with several values."""
        rows = chosen.parameters + chosen.leftovers
        if any(row.links for _, row in rows):
            rows = _linkable(rows, _kinds(catalogue, str(chosen.template)))
        arguments: Mapping[str, Sequence[str]] = {name: with_links(row) for name, row in rows}
        if len(arguments) < len(rows) or not _are_plain(arguments):
            arguments = self._named(rows)
        write = self._typed(chosen, catalogue, arguments)
        return self._joined(arguments.items()) if write is None else [(name, write(name)) for name in arguments]

    def _named(self, rows: Iterable[tuple[str, Field]]) -> dict[str, list[str]]:
        """Guard names, and merge the values of equal names."""
        arguments: dict[str, list[str]] = {}
        for name, row in rows:
            guarded = self.name(name)
            if guarded not in arguments:
                if guarded != name:
                    self._check(name, guarded, row.line)
                arguments[guarded] = []
            # In place: tuples that grow by one are quadratic where one key repeats.
            arguments[guarded] += with_links(row)
        return arguments

    def _check(self, name: str, guarded: str, line: int) -> None:
        if self.options.markup == "literal" and guarded != to_nfc(name):
            message = f"no parameter can be called {shown(name)}, so it is {shown(guarded)}: rename the key"
            self.report(Diagnostic("key-invalid", line, 1, message))

    def _typed(
        self, chosen: Match, catalogue: Catalogue, arguments: Mapping[str, Sequence[str]]
    ) -> Callable[[str], str] | None:
        """Return the formatter of values by kind, if this template's values are to be formatted."""
        name = str(chosen.template)
        if self.options.values != "typed" and _canonical(name, catalogue) not in (
            _canonical(template, catalogue) for template in self.options.typed
        ):
            return None
        # Imported here, because it is seldom needed.
        from convert.infobox.kinds import formatted
        from convert.infobox.values import ValueOptions

        kinds = _kinds(catalogue, name)
        how = ValueOptions(profile=self.options.profile)
        guard = escape.guard(escape.template_argument, self.options.profile, self.options.markup == "literal")

        def value(text: str) -> str:
            return self.linked(text, guard(text))

        def typed(name: str) -> str:
            written = formatted(kinds.get(name, "text"), name, arguments[name], arguments, value, how)
            return BETWEEN_VALUES.join(map(value, arguments[name])) if written is None else written

        return typed

    def _joined(self, arguments: Collection[tuple[str, Sequence[str]]]) -> list[tuple[str, str]]:
        """Guard all values at once, and pair them with their names."""
        values = [value for _, values in arguments for value in values]
        guarded = iter(self.values(values))
        if len(values) == len(arguments) and all(map(_values, arguments)):
            return [(name, value) for (name, _), value in zip(arguments, guarded, strict=True)]
        return [(name, BETWEEN_VALUES.join(islice(guarded, len(values)))) for name, values in arguments]


_values = itemgetter(1)


def _linkable(rows: Sequence[tuple[str, Field]], kinds: Mapping[str, Kind]) -> tuple[tuple[str, Field], ...]:
    """Return rows with links only where a template takes text."""
    return tuple(
        (name, row if kinds.get(name, "text") in TEXTS else structs.replace(row, links={})) for name, row in rows
    )


def _are_plain(names: Iterable[str]) -> bool:
    """Return whether all names are plain: ASCII letters, digits and single underscores."""
    joined = "".join(names)
    return joined.isascii() and joined.isidentifier() and "__" not in joined


_NAME_GUARDS: dict[tuple[bool, ...], Guard] = {}


def _name_guard(profile: WikiProfile, literal: bool) -> Guard:
    """Return the cached guard of parameters' names, which are the same in many articles."""
    key = (profile.language_converter, profile.magic_links, profile.is_english, literal)
    if key not in _NAME_GUARDS:
        guard = escape.guard(escape.parameter_name, profile, literal)
        remembered = lru_cache(maxsize=1 << 12)(guard)
        _NAME_GUARDS[key] = lambda name: (remembered if len(name) <= MEMORABLE else guard)(name)
    return _NAME_GUARDS[key]


def _canonical(name: str, catalogue: Catalogue) -> str:
    template = catalogue.find(name)
    return template.name if template else title_key(name)


@lru_cache(maxsize=1 << 10)
def _kinds(catalogue: Catalogue, name: str) -> Mapping[str, Kind]:
    template = catalogue.find(name)
    return {parameter.name: parameter.kind for parameter in template.parameters} if template else {}
