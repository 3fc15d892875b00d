"""Regenerates the expected results of the fixtures, and the generated parts of the documents.

``python -m tests.tools.accept``, then review ``git diff``: every change must be intended.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from convert import formats
from convert.formats import FORMATS
from tests import FIXTURES
from tests.support import conversion, islands, sessions, specs
from tests.tools import documents, prepared

ARTICLES = sorted((FIXTURES / "articles").glob("*.txt"))
SPECS = sorted((FIXTURES / "spec").glob("*.md"))


def results(source: Path) -> dict[Path, str]:
    """Convert an article to every other format; return the expected texts by file.

    The diagnostics are the reader's, then each writer's.
    """
    plain = formats.of_path(source.name)
    assert plain is not None
    articles, diagnostics = conversion.read(plain, source.read_bytes().decode(), title=source.stem)
    texts = {}
    for format in FORMATS:
        if format.writer and format is not plain:
            text, more = conversion.write(format, articles)
            texts[source.with_suffix(format.suffix)] = text
            diagnostics += [diagnostic for diagnostic in more if diagnostic not in diagnostics]
    texts[source.with_suffix(".diag")] = "".join(
        f"{source.name}:{conversion.shown(diagnostic)}\n" for diagnostic in diagnostics
    )
    return texts


def accept_islands() -> None:
    """Write the pages of the articles that link each other."""
    with tempfile.TemporaryDirectory() as folder:
        pages = islands.linked(Path(folder, "pages"))
    for path in islands.ISLANDS.glob("*.wiki"):
        path.unlink()
    for name, page in pages.items():
        (islands.ISLANDS / name).write_text(page, encoding="utf-8")


def main() -> None:
    """Write every expected result, and remove those whose source is gone; what is prepared of the catalogue first."""
    prepared.accept()
    wanted = {path: text for source in ARTICLES for path, text in results(source).items()}
    wanted |= {path: specs.rewritten(path.read_text("utf-8")) for path in SPECS}
    for path, text in wanted.items():
        path.write_bytes(text.encode())
    for path in set((FIXTURES / "articles").iterdir()) - wanted.keys() - set(ARTICLES):
        path.unlink()
    accept_islands()
    sessions.accept()
    documents.accept()


if __name__ == "__main__":
    main()
