"""Options of a conversion, in one typed record; each format's options are derived from it.

    chosen = named(infobox="Infobox ship", paragraphs="line")       # by flat names: an unknown one is a UsageError
    options_for(WikitextOptions, chosen)                            # the fields that both have

``ConversionOptions`` is made once, at the edge, and used for a whole run.  An option of only one format is a field of
that format's options and of this record, with the same type and default; ``PER_DOCUMENT`` are the fields of formats'
options that are set per document instead.

    keywords        the same options as keyword arguments, for type checkers
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from msgspec import Struct, field, structs

from convert.errors import UsageError
from convert.infobox.match import TemplateChoice
from convert.links.policy import Linking
from convert.profile import WikiProfile
from convert.readers.layout.looks import Markup
from convert.readers.layout.paragraphs import Paragraphs
from convert.readers.layout.tables import Tables
from convert.readers.plain import Articles, HeadingForms
from convert.titles import Titles
from convert.writers.transclusion import ValueStyle

if TYPE_CHECKING:
    from typing import Unpack

    from convert.options.keywords import ConversionNames

Options = TypeVar("Options", bound=Struct)

#: Fields of readers' options that are set for every document: they are no choices of a conversion.
PER_DOCUMENT = frozenset({"title", "line", "checked", "continues", "outline_of"})

# The field that holds a TemplateChoice, in whichever options have one.
_CHOICE = "choice"


class ConversionOptions(Struct, frozen=True, kw_only=True):
    """Every choice of a conversion; what each means is told where a format's own options have it."""

    # Reading
    paragraphs: Paragraphs = "auto"
    articles: Articles = "auto"
    headings: HeadingForms = "auto"
    tables: Tables = "piped"
    notes: bool = False
    detokenize: bool = False
    text_field: str = "text"
    title_field: str = "title"
    infobox_field: str = ""
    categories_field: str = ""
    metadata: bool = False
    # Writing
    choice: TemplateChoice = TemplateChoice()
    profile: WikiProfile = field(default_factory=WikiProfile)
    markup: Markup = "literal"
    values: ValueStyle = "plain"
    typed: tuple[str, ...] = ()
    align: bool = False
    titles: Titles = "reject"
    prove: float = 0.0
    home: str = ""
    standalone: bool = True
    timestamp: str = "1970-01-01T00:00:00Z"
    id: int = 1
    contributor: str = "plainwiki"
    comment: str = ""
    # Between reading and writing
    links: Linking = Linking()


_CHOICES = frozenset(ConversionOptions.__struct_fields__)


# ── The same by name


def named(**names: Unpack[ConversionNames]) -> ConversionOptions:
    """Make the record of options given by name.  Raises UsageError for a name that no conversion has."""
    return from_names(ConversionOptions, names, "a conversion")


def options_for(kind: type[Options], chosen: ConversionOptions) -> Options:
    """Make a format's options of the choices that it has; its other fields keep their defaults."""
    return kind(**{name: getattr(chosen, name) for name in kind.__struct_fields__ if name in _CHOICES})


def from_names(kind: type[Options], values: Mapping[str, Any], whose: str) -> Options:
    """Make options of some given by name.  Raises UsageError where ``whose`` options have no such name."""
    names = names_of(kind)
    for name in values:
        if name not in names:
            raise unknown_option(name, whose, names)
    fields = {name: value for name, value in values.items() if name in kind.__struct_fields__}
    choice = {name: value for name, value in values.items() if name not in fields}
    return kind(**fields, **{_CHOICE: TemplateChoice(**choice)} if choice else {})


def names_of(kind: type[Struct]) -> list[str]:
    """Name the options of a record, with those of its template choice in the place of the choice."""
    names: list[str] = []
    for name in kind.__struct_fields__:
        names += TemplateChoice.__struct_fields__ if name == _CHOICE else (name,)
    return names


def by_name(chosen: ConversionOptions) -> dict[str, Any]:
    """Return the value of every option by its name."""
    values = structs.asdict(chosen)
    return structs.asdict(values.pop(_CHOICE)) | values


def unknown_option(name: str, whose: str, names: Iterable[str]) -> UsageError:
    """Make the error for an option that a format does not have."""
    listed = ", ".join(sorted(names))
    return UsageError(f"{whose} has no option '{name}': " + (f"choose from {listed}" if listed else "leave it out"))
