"""Escaping of text in wikitext: one function for each context.

Each returns its argument unchanged when there is nothing to guard, so clean text stays clean.  A guard is a character
reference for one character: it works in every context and inside every template, survives the pre-save transform, and
leaves the words around it readable.  Of an opening such as ``[[`` one character is guarded; closing signs are left
alone where nothing can be open.

Syntax: https://www.mediawiki.org/wiki/Markup_spec, and what MediaWiki 1.39 and 1.43 do in ``Parser``,
``Preprocessor_Hash``, ``BlockLevelPass`` and ``Sanitizer``, and 1.43 in Parsoid.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from functools import cache

from convert.expressions import expression
from convert.nfc import to_nfc
from convert.profile import WikiProfile
from convert.titles import ADDRESS as _ADDRESS

#: Escapes a text for its context, on a given wiki.
Escape = Callable[[str, WikiProfile], str]
#: The same, for one wiki.
Guard = Callable[[str], str]

# A bare address comes out changed if it holds a pipe or a bracket (percent-encoded), an invisible character (dropped),
# or what would be a variant (chosen).
_SPOILER = (
    "[|\x85\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
    "|&#(?:9[13]|125);|-&#123;"
)
_SPOILERS = expression(_SPOILER)
# White space but the separators of lines and paragraphs, which are part of an address.
_ADDRESS_END = r"\]\[<>\"\x00-\x20\x7f\xa0\u1680\u2000-\u200a\u202f\u205f\u3000"
_BARE_ADDRESS = expression(rf"\b{_ADDRESS}[^{_ADDRESS_END}]*")
# What stands behind a scheme, to be searched for spoilers: quicker than addresses, as it begins with one certain
# character, and taken whole, because to search behind each colon of a long run would take the square of its length.
_BEHIND_COLON = expression(rf":[^{_ADDRESS_END}]++")
_SCHEME = expression(rf"\b(?={_ADDRESS})([A-Za-z]+):")

# An address whose host stands in brackets, as in IPv6.  Of one with two slashes it is shown as it is, if nothing odd
# stands behind it.
_HOST_OPENING = expression(r"\[(?<=[:/]\[)[0-9A-Fa-f:.]")
_BRACKETED_HOST = expression(rf"\b(?={_ADDRESS}\[)([A-Za-z]+):((?://)?)(\[[0-9A-Fa-f:.]+\][^{_ADDRESS_END}]*)")
_PLAIN_HOST = expression(r"\[[^\]]+\](?:[/:?#][\w./?=%#:~+,;@!-]*)?", re.ASCII)

# What names of character references are made of: ASCII's letters and digits, and everything that is not ASCII.  Written
# as what they are not, because a class of so many characters takes long to compile.
_NAME = r"[^\x00-/:-@\[-`{-\x7f]"

# What opens something, by the character that it begins with.  That one stands alone at the start of each expression,
# and what follows is looked at first: so all of a text is searched as fast as for a single character.
_OPENINGS = {
    "'": r"'(?=')'",  # italics, bold
    "[": rf"\[(?:(?=\[)\[|(?={_ADDRESS}|//))",  # internal links, external links
    "{": r"\{(?=\{)\{",  # templates, parser functions, arguments
    "<": r"<(?=/?[A-Za-z]|!--)",  # tags and comments
    "&": rf"&(?=#?{_NAME}+;)",  # character references; names exist in other scripts, too
    "~": r"~(?=~~)~~",  # signatures, put in when the page is saved
    "_": r"_(?=_)_(?=[^\W_]+(?:_[^\W_]+)*__)",  # behaviour switches
}
_OPENING = expression("|".join(_OPENINGS.values()))
_VARIANT = expression(r"-\{")
# In other languages behaviour switches have names of any characters and in any case, some even one underscore too few
# or, in Japanese, wide ones.
_UNDERSCORES = expression("__|＿＿")
# Whatever is before it: a reference that guards the character there begins a word.  Before letters no number ends, and
# a reference in its place would begin an address.
_MAGIC_LINK = expression(r"((?:ISBN|RFC|PMID)[^\S\n]+)([0-9])(?![A-Za-z_])")
_IN_FRAGMENT = expression(r"[\[\]{}|<>]")
# In a template a pipe ends the value, braces end the call, and in a table's head !! ends a cell.  -{ opens a bracket in
# the preprocessor of any wiki, whatever its language.
_IN_ARGUMENT = expression(r"\}\}|\||!!|-\{")
# In a cell of a table a pipe ends the attributes or the cell.  A bracket -{ would hide the signs behind it.
_CELL_SIGNS = expression(r"\||!!|-\{")
# References are resolved in a summary before links and section comments are looked for: only a character between helps.
_IN_SUMMARY = expression(rf"&(?=#?{_NAME}+;)|\[(?=\[)|/(?=\*)")
_SUMMARY_GUARDS = {"&": "&amp;", "[": "[\u2060", "/": "/\u2060"}

_GUARDED = {
    "''": "'&#39;",
    "[[": "[&#91;",
    "[": "&#91;",
    "{{": "{&#123;",
    "<": "&lt;",
    "&": "&amp;",
    "~~~": "~~&#126;",
    "__": "_&#95;",
    "＿＿": "＿&#65343;",
    "}}": "}&#125;",
    "|": "&#124;",
    "!!": "!&#33;",
    "-{": "-&#123;",
}

# As above, searched as fast as for a single character.
_BRACKET_REFERENCE = expression("&(?=#91;)")
_ADDRESS_COLON = expression(rf":(?:(?=//)|(?<=[A-Za-z]:)(?=[^{_ADDRESS_END}]))")

# What makes a line more than text, by the character that it begins with, once it is normalised.  Signs of tables are
# alive outside of them as well: behind one, Parsoid sees no heading that holds another.  What it takes for a behaviour
# switch at first, it begins a line behind.
_STARTS = {
    "*": "", "#": "", ":": "", ";": "", "=": r"(?=.+=\Z)", "-": "(?=---)", "{": r"(?=\|)", "!": "", "|": "",
    "_": r"(?=_[^'<~\[{:;\]}|!=\n]*__(?:[*#:;=\-{|]|\s*!))",
}  # fmt: skip
_LINE_START = expression("|".join(f"[{first}]{following}" for first, following in _STARTS.items()))
LINE_STARTS = frozenset(_STARTS)
_VALUE_STARTS = LINE_STARTS | frozenset("'")
# What a value may begin with that nothing can change.
_HARMLESS_STARTS = frozenset(map(chr, range(128))) - _VALUE_STARTS | {""}

# English names of behaviour switches, which work in lower case as well; those of other languages are upper case here.
_SWITCHES = frozenset(
    "archivedtalk disambig expected_unconnected_page expectunusedcategory expectunusedtemplate forcetoc hiddencat "
    "index newsectionlink nocc nocontentconvert noeditsection nogallery noglobal noindex nonewsectionlink notalk notc "
    "notitleconvert notoc staticredirect toc".split()
)


def _guard(matched: re.Match[str]) -> str:
    opening = matched[0]
    if opening == "__":
        start = matched.end()
        word = matched.string[start : matched.string.index("__", start)]
        if word != word.upper() and word.lower() not in _SWITCHES:
            return opening
    return _GUARDED[opening]


def _guarded_address(matched: re.Match[str]) -> str:
    """Guard every address in a run of characters that has a spoiler behind it."""
    run = matched[0]
    end = 0
    for spoiler in _SPOILERS.finditer(run):
        end = spoiler.start()
    return _SCHEME.sub(r"\1&#58;", run[:end]) + run[end:]


def _guarded_host(matched: re.Match[str]) -> str:
    scheme, slashes, rest = matched.groups()
    return matched[0] if slashes and _PLAIN_HOST.fullmatch(rest) else f"{scheme}&#58;{slashes}{rest}"


def guard(function: Escape, profile: WikiProfile, literal: bool) -> Guard:
    """Make the guard of texts for one wiki; texts that are not ``literal`` are wikitext, and no more than normalised.

    Normalisation comes first, because it makes live characters of others (U+037E becomes a semicolon).
    """

    def guarded(text: str) -> str:
        if text.isascii():
            if text.isalnum():
                return text
        else:
            text = to_nfc(text)
        if "\r" in text:  # A wiki makes every end of a line a line feed, so what follows begins a line.
            text = text.replace("\r\n", "\n").replace("\r", "\n")
        return function(text, profile) if literal else text

    return guarded


def running_text(text: str, profile: WikiProfile) -> str:
    """Guard what is alive anywhere in a line: quotes, brackets, braces, tags, references, tildes, switches.

    No guard knows of other lines, so many lines may be guarded at once.
    """
    # Without a search for each sign by itself converting articles takes 1.2 times as long; without one for spoilers
    # before that for addresses, 6 times.
    signs = [sign for sign in _OPENINGS if sign in text and _opening(sign).search(text)]
    if signs:
        text = _OPENING.sub(_guard, text)
    if not profile.is_english and ("__" in text or "＿＿" in text):
        text = _UNDERSCORES.sub(lambda match: _GUARDED[match[0]], text)
    if profile.language_converter:
        text = _VARIANT.sub(_guard, text)
    if ":" in text and (
        "|" in text
        or ("[" in signs and _BRACKET_REFERENCE.search(text))
        or profile.language_converter
        or (not text.isascii() and _ADDRESS_COLON.search(text))
    ):
        text = _addresses_guarded(text)
    if "[" in text and _HOST_OPENING.search(text):
        text = _BRACKETED_HOST.sub(_guarded_host, text)
    if profile.magic_links:
        text = _MAGIC_LINK.sub(lambda match: f"{match[1]}&#{ord(match[2])};", text)
    return text


@cache
def _opening(sign: str) -> re.Pattern[str]:
    return re.compile(_OPENINGS[sign])


def _addresses_guarded(text: str) -> str:
    """Guard the addresses that would be shown otherwise than they are written."""
    if any(map(_SPOILERS.search, _BEHIND_COLON.findall(text))):
        return _BARE_ADDRESS.sub(_guarded_address, text)
    return text


def line_start(line: str) -> str:
    """Guard the first character of a line that would be a list, a heading, a rule, a table or a redirect."""
    return f"&#{ord(line[0])};{line[1:]}" if _LINE_START.match(line) else line


def paragraph(text: str, profile: WikiProfile) -> str:
    """Guard running text that begins a line, and each line of it: lines are stripped, and empty ones left out."""
    text = running_text(text.strip(), profile)
    if "\n" in text:
        return "\n".join(line_start(line) for line in map(str.strip, text.split("\n")) if line)
    return line_start(text) if text and text[0] in LINE_STARTS else text


def inside(text: str, profile: WikiProfile) -> str:
    """Guard text of a paragraph that goes on behind a link: only its further lines begin a line."""
    first, *lines = running_text(text, profile).split("\n")
    return "\n".join([first, *(line_start(line) for line in map(str.strip, lines) if line)])


def before_link(text: str) -> str:
    """Guard a bracket at the end of guarded text, which that of a link would go on."""
    return _addresses_guarded(f"{text[:-1]}&#91;") if text.endswith("[") else text


def heading(text: str, profile: WikiProfile) -> str:
    """Guard the text between the signs of a heading, from which a space parts it.

    An open -{ would go on with it on any wiki.  Where the language has variants, MediaWiki 1.43 resolves the references
    of a heading before it looks for variants in the link to edit it: there a word joiner (U+2060), which nobody sees,
    parts the signs.
    """
    text = _VARIANT.sub(_guard, running_text(one_line(text), profile))
    return text.replace("-&#123;", "-\u2060{") if profile.language_converter else text


def list_item(text: str, profile: WikiProfile) -> str:
    """Guard the text of an item, behind its marks and a space."""
    return running_text(one_line(text), profile)


def template_argument(text: str, profile: WikiProfile) -> str:
    """Guard a named parameter's value, or one item of it, wherever the template puts it: in a line or at its start.

    MediaWiki trims values, so white space at the ends cannot be kept.
    """
    return _ends_guarded(_inside_argument(one_line(text), profile))


def template_arguments(profile: WikiProfile, literal: bool) -> Callable[[Sequence[str]], Sequence[str]]:
    """Make what guards many values at once, as the ``guard`` of ``template_argument`` does one after the other.

    One by one, converting articles takes 1.07 to 1.09 times as long.
    """
    each_guarded = guard(template_argument, profile, literal)

    def guarded(texts: Sequence[str]) -> Sequence[str]:
        stripped = [text.strip() for text in texts] if literal else texts
        joined = "\n".join(stripped)
        if joined.count("\n") >= len(texts) or "\r" in joined:
            return [each_guarded(text) for text in texts]
        inside = to_nfc(joined)
        if literal:
            inside = _inside_argument(inside, profile)
        values = stripped if inside == joined else inside.split("\n")
        if not literal or ("'" not in inside and _HARMLESS_STARTS.issuperset([text[:1] for text in values])):
            return values
        return [*map(_ends_guarded, values)]

    return guarded


def _inside_argument(text: str, profile: WikiProfile) -> str:
    text = running_text(text, profile)
    return _IN_ARGUMENT.sub(_guard, text) if "|" in text or "}" in text or "!!" in text or "-{" in text else text


def _ends_guarded(value: str) -> str:
    if not value:
        return value
    if value[-1] == "'":  # beside the quotes of a template that shows the value in italics or bold
        value = value[:-1] + "&#39;"
    first = value[0]
    if first in _VALUE_STARTS:
        return f"&#39;{value[1:]}" if first == "'" else line_start(value)
    return after_sign(value)


def after_sign(text: str) -> str:
    """Guard a combining character at the start, which normalisation would merge with the sign or tag before it."""
    first = text[:1]
    return f"&#{ord(first)};{text[1:]}" if first > "\x7f" and unicodedata.combining(first) else text


def table_cell(text: str, profile: WikiProfile) -> str:
    """Guard text in a cell of a table, behind its sign and a space: what ends a cell, and what is alive anywhere."""
    return _CELL_SIGNS.sub(_guard, running_text(text.replace("\n", " "), profile))


def parameter_name(text: str, profile: WikiProfile) -> str:
    """Guard a parameter's name, which ends at the first equals sign."""
    return template_argument(text, profile).replace("=", "&#61;")


def link_label(text: str, profile: WikiProfile) -> str:
    """Guard what a link shows; no bracket may close it, and none may be open in it, or Parsoid sees no link."""
    text = _VARIANT.sub(_guard, running_text(one_line(text), profile))
    if "[" in text or "]" in text or "}-" in text:
        # A bracket -{ before the link would end in it.  References go on an address that the signs would end.
        text = _addresses_guarded(text.replace("[", "&#91;").replace("]", "&#93;").replace("}-", "&#125;-"))
    return text


def link_fragment(text: str, profile: WikiProfile) -> str:
    """Guard what stands behind the number sign in a link's target, where the wiki resolves references."""
    return _IN_FRAGMENT.sub(lambda match: f"&#{ord(match[0])};", running_text(one_line(text), profile))


def summary(text: str, profile: WikiProfile) -> str:
    """Guard an edit summary, in which only links, section comments and character references are alive.

    The guard is a word joiner (U+2060), which nobody sees.
    """
    return _IN_SUMMARY.sub(lambda matched: _SUMMARY_GUARDS[matched[0]], one_line(text))


def one_line(text: str) -> str:
    """Join a text's lines to one, without white space at its ends."""
    return " ".join(text.split()) if "\n" in text or "\r" in text else text.strip()
