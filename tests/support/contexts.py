"""All contexts of a line of text on a wiki, with the markup around it.

A line survives in a context if the page shows it literally, and has the same structure as with a word instead.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from msgspec import structs

from convert.ast import (
    Article,
    Block,
    Cell,
    Code,
    Emphasis,
    Inline,
    Link,
    List,
    ListItem,
    Note,
    Paragraph,
    Preformatted,
    Quote,
    Strong,
    Table,
    Text,
)
from convert.infobox import BETWEEN_VALUES
from convert.profile import WikiProfile
from convert.writers import escape, wikitext
from convert.writers.wikitext import WikitextOptions
from tests.servers.wiki import Wiki
from tests.support.rendered import Rendered, folded

#: Placeholder of a line, to determine the structure around it.
WORD = "Harmless"
#: A character reference or a tag in the output is a guard.
GUARD = re.compile(r"&(?:#\d+|[a-z]+);|<nowiki ?/?>|\u2060")

PLAIN_WIKI = WikiProfile()


@dataclass(frozen=True)
class Context:
    """A place: ``before`` and ``after`` are wikitext around what ``guard`` makes of a line.

    ``whole``: they are text of the author's as well, guarded together with the line.  ``html`` is the same place in
    HTML with ``{}`` for the text, or what it is in the value that ``template`` is given; ``kind`` is how the wiki is
    asked to show it.
    """

    name: str
    guard: Callable[[str, WikiProfile], str]
    before: str = ""
    after: str = ""
    whole: bool = False
    html: str = ""
    template: str = ""
    kind: str = "page"

    def written(self, line: str, profile: WikiProfile = PLAIN_WIKI) -> str:
        """Write a page with the line in this place; normalisation comes first, as in the writer."""
        line = unicodedata.normalize("NFC", line)
        if self.whole:
            return self.guard(self.before + line + self.after, profile)
        return self.around(self.guard(line, profile))

    def around(self, wikitext: str) -> str:
        """Write a page with wikitext in this place."""
        return self.before + wikitext + self.after


def _in_template(template: str, name: str = "", before: str = "", after: str = "") -> Context:
    return Context(
        name or template.lower(), escape.template_argument, f"{{{{{template}\n| value = {before}", f"{after}\n}}}}",
        html=f"{before}{{}}{after}", template=template,
    )  # fmt: skip


VALUES = tuple(
    map(
        _in_template,
        (
            "Value inline", "Value bold", "Value italic", "Value in cell", "Value on line", "Value in HTML",
            "Value chosen", "Value in row", "Value passed on",
        ),
    )
)  # fmt: skip
#: Slow: every page starts a Lua interpreter.
VALUE_FROM_MODULE = _in_template("Value from module")

_OTHERS = (
    Context(
        "paragraph", escape.paragraph, "Before it.\n\n", "\n\nAfter it.",
        html="<p>Before it.</p><p>{}</p><p>After it.</p>",
    ),
    Context("page start", escape.paragraph, "", "\n\nAfter it.", html="<p>{}</p><p>After it.</p>"),
    Context(
        "second line", escape.paragraph, "Before it.\n", "\nAfter it.", whole=True,
        html="<p>Before it.\n{}\nAfter it.</p>",
    ),
    Context("heading", escape.heading, "== ", " ==\nAfter it.", html="<h2>{}</h2><p>After it.</p>"),
    Context(
        "bulleted", escape.list_item, "* Before it.\n* ", "\n* After it.",
        html="<ul><li>Before it.</li><li>{}</li><li>After it.</li></ul>",
    ),
    Context(
        "numbered", escape.list_item, "# Before it.\n# ", "\n# After it.",
        html="<ol><li>Before it.</li><li>{}</li><li>After it.</li></ol>",
    ),
    Context(
        "nested", escape.list_item, "* Before it.\n** ", "\n* After it.",
        html="<ul><li>Before it.<ul><li>{}</li></ul></li><li>After it.</li></ul>",
    ),
    Context(
        "link label", escape.link_label, "See [[Target|", "]] there.",
        html='<p>See <a rel="mw:WikiLink" href="./Target">{}</a> there.</p>',
    ),
    Context("summary", escape.summary, kind="comment"),
)  # fmt: skip

_ITEMS = tuple(
    _in_template(template, f"item {template[6:]}", f"First{BETWEEN_VALUES}", f"{BETWEEN_VALUES}Last")
    for template in ("Value inline", "Value on line")
)

CONTEXTS = (*_OTHERS, *VALUES, *_ITEMS)


def _on_a_page(name: str, block: Callable[[str], Block]) -> Context:
    """A place in a block that the writer makes, between two paragraphs."""

    def written(line: str, profile: WikiProfile) -> str:
        lead = (Paragraph((Text("Before it."),)), block(line), Paragraph((Text("After it."),)))
        return wikitext.page(Article("Rendered", lead=lead), lambda found: None, WikitextOptions(profile=profile))

    return Context(name, written)


def _in_text(name: str, *content: Callable[[str], Inline]) -> Context:
    return _on_a_page(name, lambda line: Paragraph(tuple(inline(line) for inline in content)))


def _words(text: str) -> Callable[[str], Inline]:
    return lambda line: Text(text)


def _table(line: str) -> Table:
    cells = (Cell((Text(line),)), Cell((Text("Beside it"),)))
    return Table((cells, (Cell((Text("Below it"),)), Cell(()))), (Cell((Text("One"),)), Cell((Text("Two"),))))


#: Places that plain articles do not have.
RICH = (
    _in_text("bold", lambda line: Strong((Text(line),))),
    _in_text("bold in a word", _words("l'"), lambda line: Strong((Text(line),)), _words("'s")),
    _in_text("beside bold", lambda line: Strong((Text("Bold"),)), Text, lambda line: Emphasis((Text("it'"),))),
    _in_text("bold italics", lambda line: Strong((Emphasis((Text(line),)), Text(" and more")))),
    _in_text("code", _words("See "), Code, _words(" there.")),
    _in_text("note", _words("See"), lambda line: Note((Text(line),)), _words(" there.")),
    _in_text("label in bold", _words("See "), lambda line: Strong((Link("Target", line),))),
    _on_a_page("quote", lambda line: Quote((Paragraph((Text(line),)), Paragraph((Text("Said so."),))))),
    _on_a_page("preformatted", lambda line: Preformatted(f"above\n{line}\nbelow")),
    _on_a_page("cell", _table),
    _on_a_page("header cell", lambda line: structs.replace(_table("x"), header=_table(line).rows[0])),
    _on_a_page("caption", lambda line: structs.replace(_table("x"), caption=line)),
    _on_a_page("label in a cell", lambda line: Table(((Cell((Link("Target", line),)), Cell((Text("y"),))),))),
    _on_a_page(
        "code in an item",
        lambda line: List((ListItem((Text("One"),), (Preformatted(line), Paragraph((Text("Two"),)))),)),
    ),
    _on_a_page(
        "table in an item", lambda line: List((ListItem((Text("One"),), (_table(line),)), ListItem((Text("Two"),))))
    ),
)


@dataclass(frozen=True)
class Shown:
    """The result for one line in one context; ``why`` is empty if it survived."""

    line: str
    sent: str
    why: str
    rendered: Rendered


@dataclass(frozen=True)
class Expectation:
    """A context rendered with a word, from which the expectation for any line follows."""

    word: Rendered
    text: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", self.word.text)
        assert self.text.count(WORD) == 1, self.text

    def difference(self, line: str, sent: str, rendered: Rendered) -> str:
        """Describe how a page differs from the expected one; empty if it does not."""
        expected = seen(self.text.replace(WORD, line))
        if (text := seen(rendered.text)) != expected:
            return f"text {text!r} instead of {expected!r}"
        if rendered.structure != self.word.structure:
            return f"structure {rendered.structure!r} instead of {self.word.structure!r}"
        if rendered.saved != unicodedata.normalize("NFC", sent).rstrip():
            return f"saved as {rendered.saved!r}"
        return ""


def seen(text: str) -> str:
    """Return the visible part of a text; a word joiner is the only guard in an edit summary."""
    return folded(unicodedata.normalize("NFC", text.replace("\u2060", "")))


def show(
    wiki: Wiki, context: Context, lines: Sequence[str], pages: Sequence[str], settings: dict[str, str] | None = None
) -> list[Shown]:
    """Render pages, the first with a word in the context and the others with the lines, and compare."""
    word, *rendered = wiki.render(pages, kind=context.kind, settings=settings)
    expected = Expectation(word)
    return [
        Shown(line, page, expected.difference(line, page, html), html)
        for line, page, html in zip(lines, pages[1:], rendered, strict=True)
    ]
