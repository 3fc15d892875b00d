"""The documents of the project: what is generated in them, and what they refer to.

What stands between ``<!-- generated: NAME -->`` and ``<!-- end -->`` is written by ``make accept`` from what it
describes, so that a table and the code it lists cannot differ.
"""

from __future__ import annotations

import ast
import re
import shlex
import textwrap
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from itertools import chain
from pathlib import Path

from convert.cli import COMMANDS, help
from convert.formats import FORMATS
from tests import FIXTURES, ROOT

README = ROOT / "README.md"
GUIDE = sorted((FIXTURES / "guide").glob("*.md"))
#: The introductory pages, and all pages of reference.
PAGES = [*sorted(ROOT.glob("*.md")), *sorted(FIXTURES.glob("*/*.md"))]

_GENERATED = re.compile(r"(?<=<!-- generated: )(?P<name>[\w-]+)( -->\n)(?P<body>.*?)(?=<!-- end -->)", re.DOTALL)
_TARGET = re.compile(r"^([a-z-]+):.*?## (.+)$", re.MULTILINE)
_LINK = re.compile(r"\]\(([^)\s]+)\)|\b(?:src|srcset|href)=\"([^\"]+)\"")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
_SPAN = re.compile(r"`([^`\n]+)`")
_SHOWN = re.compile(r"^(?: {4}|\$ )(.+)$", re.MULTILINE)
_PATH = re.compile(r"(?:convert|tests|fixtures)/[\w./*{},-]*")
_NAME = re.compile(r"@?([A-Za-z_]\w*(?:\.\w+)*)(?:\(.*\))?(?: -> \w+)?")


def rewritten(page: str) -> str:
    """Regenerate the parts of a page."""
    return _GENERATED.sub(lambda match: match["name"] + match[2] + GENERATED[match["name"]](), page)


def accept() -> None:
    """Write the generated parts of every page anew."""
    for path in PAGES:
        path.write_text(rewritten(path.read_text(encoding="utf-8")), encoding="utf-8")


def targets() -> dict[str, str]:
    """Return the targets of the Makefile that are for people, with what they do."""
    return dict(_TARGET.findall((ROOT / "Makefile").read_text(encoding="utf-8")))


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def _formats() -> str:
    rows = (
        (f"`{entry.name}`", entry.suffix, "yes" if entry.reader else "", "yes" if entry.writer else "", entry.about)
        for entry in FORMATS
        if entry.suffix
    )
    others = ", ".join(f"`{entry.name}`" for entry in FORMATS if not entry.suffix)
    known = (others, "", "yes", "", "pages as these programs write or read them, known by their content")
    return _table(("format", "suffix", "read", "written", "what"), chain(rows, [known]))


def _commands() -> str:
    return _table(("command", ""), ((f"`plainwiki {name}`", about) for name, about in COMMANDS.items()))


def _targets() -> str:
    return _table(("target", ""), ((f"`make {name}`", about) for name, about in targets().items()))


def _exit_status() -> str:
    statuses = "; ".join(f"{status} {reason.partition(';')[0]}" for status, reason in help.EXIT_STATUS.items())
    return textwrap.fill(f"Exit status: {statuses}.", 120) + "\n"


def _fenced(text: str) -> str:
    return f"```text\n{text}```\n"


#: What writes each generated part, by its name.
GENERATED: dict[str, Callable[[], str]] = {
    "formats": _formats,
    "commands": _commands,
    "targets": _targets,
    "format": lambda: _fenced(help.FORMAT),
    "exit-status": lambda: _table(("exit status", ""), iter(help.EXIT_STATUS.items())),
    "exit-status-short": _exit_status,
    "codes": lambda: _fenced(help.codes()),
}


# ── What a page refers to


def links(page: str) -> list[str]:
    """Return what the links of a page lead to, but for other sites."""
    addresses = [first or second for first, second in _LINK.findall(_FENCED.sub("", page))]
    return [target for target in addresses if not target.startswith(("http://", "https://"))]


def anchors(page: str) -> set[str]:
    """Return the names by which the headings of a page can be linked to, as GitHub makes them."""
    headings = _HEADING.findall(_FENCED.sub("", page))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def paths(page: str) -> set[str]:
    """Return the paths of this project that a page names as code; one with a word in capitals stands for many."""
    spans = (span for span in _SPAN.findall(_FENCED.sub("", page)) if _PATH.fullmatch(span))
    return {path for span in spans for path in _alternatives(span) if not re.search(r"[A-Z]{2}", Path(path).stem)}


def names(page: str) -> set[str]:
    """Return the names that a page gives as code: of a function, a class, a field; dotted if they stand in another."""
    spans = _SPAN.findall(_FENCED.sub("", page))
    return {match[1] for span in spans for part in span.split(" | ") if (match := _NAME.fullmatch(part))}


@cache
def defined() -> set[str]:
    """Return every name that is defined in this project, alone, and behind its class or its module."""
    known: set[str] = set()
    for path in (*ROOT.glob("convert/**/*.py"), *ROOT.glob("tests/**/*.py")):
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        known |= {module, path.stem}
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.Module):
                own = list(_defined_in(node))
                known.update(own, (f"{module}.{name}" for name in own))
                if isinstance(node, ast.ClassDef):
                    known.update(f"{node.name}.{name}" for name in own)
    return known


def _defined_in(node: ast.ClassDef | ast.FunctionDef | ast.Module) -> Iterator[str]:
    for inner in node.body:
        match inner:
            case ast.ClassDef(name=name) | ast.FunctionDef(name=name):
                yield name
            case ast.AnnAssign(target=ast.Name(id=name)):
                yield name
            case ast.Assign(targets=targets):
                yield from (target.id for target in targets if isinstance(target, ast.Name))


def _alternatives(path: str) -> list[str]:
    """Write out braces, as a shell does."""
    match = re.fullmatch(r"([^{]*)\{([^}]*)\}(.*)", path)
    return [f"{match[1]}{alternative}{match[3]}" for alternative in match[2].split(",")] if match else [path]


def commands(page: str) -> Iterator[list[str]]:
    """Yield the words of every command line of ``plainwiki`` and ``make`` that a page shows as code."""
    for line in (*_SPAN.findall(page), *_SHOWN.findall(page.replace("\\\n", " "))):
        if line.startswith(("plainwiki ", "make ")):
            yield _words(line)


def _words(line: str) -> list[str]:
    """Split a command line; a comment, a pipe or a redirection ends it."""
    split = shlex.shlex(line, posix=True, punctuation_chars="|&;<>")
    split.whitespace_split = True
    words: list[str] = []
    try:
        for word in split:
            if set(word) <= set("|&;<>"):
                break
            words.append(word)
    except ValueError:  # an open quote, in prose
        return line.split()
    return words
