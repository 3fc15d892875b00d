"""A wiki with one corrupt answer, in its structure or in transport."""

from __future__ import annotations

import gzip
import io
import json
import os
import random
import resource
import sqlite3
from collections.abc import Iterator
from contextlib import closing, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from convert.cli import main
from convert.upload.client.credentials import PASSWORD as PASSWORD_VARIABLE
from tests.servers.fake_wiki import LOGIN, PASSWORD, FakeWiki, Fields, Reply

_OLD = "Was."
#: Articles by title; two of them exist as pages already.
_ARTICLES = {"New one": "Hello.", "New two": "Hello too.", "Old one": "Hello again.", "Refused": "No."}
_TEXTS = {"Old one": _OLD, "Template:Infobox kiln": "{{{name}}}", "Template:Infobox oven": "{{{heat}}}"}
MOST_REQUESTS = 150
MOST_BYTES = 200 << 20
_STATUS = {0, 1, 3}


def attack(chance: random.Random, folder: Path) -> None:
    """Upload a few pages with one corrupt answer; then upload again without."""
    doing = chance.choice(("create", "replace", "infobox", "import", "history", "sync"))
    # Read requests would be retried for a minute.
    spoiler = Spoiler(chance, at=chance.randrange(14), persistent=doing != "sync" and chance.random() < 0.4)
    for number, (title, text) in enumerate(_ARTICLES.items()):
        (folder / f"{number}.txt").write_text(f"= {title} =\n\n{text}\n")
    with FakeWiki(_TEXTS, spoiler, {"Refused": chance.choice(("spamblacklist", "protectedpage"))}) as wiki:
        if doing == "sync":
            _run(wiki, "templates", "sync", "--wiki", wiki.api, "-o", str(folder / "catalogue.json"))
            return
        if doing == "history":
            spoiler.armed = False
            _upload(wiki, folder, "replace")
            spoiler.armed = True
            wiki.asked.clear()
            action = chance.choice((("--verify",), ("--undo", _runs(folder)[0])))
            _run(wiki, "upload", "--wiki", wiki.api, "--state", str(folder / "state.db"), "--user", LOGIN, *action)
            return
        _upload(wiki, folder, doing)
        _check(wiki, folder)
        spoiler.armed = False
        _upload(wiki, folder, doing)
        _check(wiki, folder)


def _upload(wiki: FakeWiki, folder: Path, doing: str) -> None:
    how = ("--import",) if doing == "import" else ("--mode", doing)
    inputs = sorted(map(str, folder.glob("*.txt")))
    options = ("--yes", "--max-changes", "100", "--patience", "0", "--state", str(folder / "state.db"))
    _run(wiki, "upload", *inputs, "--wiki", wiki.api, "--user", LOGIN, *how, *options)


def _run(wiki: FakeWiki, *arguments: str) -> None:
    os.environ[PASSWORD_VARIABLE] = PASSWORD
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()) as errors:
        status = main(arguments)
    lines = errors.getvalue().splitlines()
    assert status in _STATUS, (status, lines)
    assert status != 3 or any(line.startswith("plainwiki: ") for line in lines), lines
    assert "Traceback" not in errors.getvalue()
    assert all(line.isprintable() and len(line) < 3000 for line in lines), lines
    assert PASSWORD not in errors.getvalue()
    assert len(wiki.asked) <= MOST_REQUESTS
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) << 10 < MOST_BYTES


def _runs(folder: Path) -> list[str]:
    with closing(sqlite3.connect(folder / "state.db")) as disk:
        return [id for (id,) in disk.execute("SELECT id FROM runs")]


def _check(wiki: FakeWiki, folder: Path) -> None:
    """Compare the state with the wiki: nothing that the wiki never stored, and nothing twice."""
    with closing(sqlite3.connect(folder / "state.db")) as disk:
        asked = "SELECT title, sha1 FROM edits WHERE outcome IN ('created', 'updated')"
        noted = [*disk.execute(asked), *disk.execute("SELECT title, sha1 FROM pages")]
    for title, sha1 in noted:
        assert sha1 in {revision.sha1 for revision in wiki.pages.get(title, ())}, (title, sha1, wiki.pages)
    for title in wiki.pages:
        assert len(wiki.saved(title)) <= 1, wiki.pages


@dataclass
class Spoiler:
    """Corrupts the answer to the request number ``at``, and with ``persistent`` all later ones."""

    chance: random.Random
    at: int
    persistent: bool
    armed: bool = True
    met: int = 0

    def __call__(self, asked: Fields, answer: Any) -> Reply | None:
        """Corrupt an answer, if it is its turn."""
        self.met += self.armed
        if not self.armed or self.met <= self.at or (self.met > self.at + 1 and not self.persistent):
            return None
        if self.chance.random() < 0.3:
            return _spoilt_line(self.chance, json.dumps(answer).encode())
        spoilt = json.loads(json.dumps(answer))
        for _ in range(self.chance.choice((1, 1, 1, 2, 5))):
            spoilt = _mutated(self.chance, spoilt)
        return Reply(json.dumps(spoilt, ensure_ascii=self.chance.random() < 0.5).encode(errors="surrogatepass"))


def _spoilt_line(chance: random.Random, body: bytes) -> Reply:
    """Corrupt the raw response."""
    at = chance.randrange(len(body))
    return chance.choice(
        (
            Reply(b""),
            Reply(b"null"),
            Reply(b"[" * 200_000 + b"]" * 200_000),
            Reply(b'{"batchcomplete":true,"query":' + b'{"a":' * 100_000 + b"1" + b"}" * 100_001),
            Reply(b"<html>Welcome to our hotel.</html>", headers=(("Content-Type", "text/html"),)),
            Reply(body[:at]),
            Reply(body[:at] + chance.randbytes(8) + body[at:]),
            Reply(b"\xef\xbb\xbf" + body),
            Reply(body + b" " * (3 << 20)),
            Reply(body, headers=(("Content-Encoding", "gzip"),)),
            Reply(gzip.compress(body + b" " * (80 << 20), 1), headers=(("Content-Encoding", "gzip"),)),
            Reply(gzip.compress(body)[:-9], headers=(("Content-Encoding", "gzip"),)),
            Reply(gzip.compress(body) * 2, headers=(("Content-Encoding", "gzip"),)),
            Reply(body, headers=(("Content-Encoding", "br"),)),
            Reply(body, headers=tuple((f"X-{number}", "y" * 100) for number in range(200))),
            Reply(body, headers=tuple(("Set-Cookie", f"c{chance.random()}=1; path=/") for _ in range(60))),
            Reply(
                body, headers=(("Retry-After", chance.choice(("9" * 400, "-1", "x", "Thu, 01 Jan 1970 00:00 +9999"))),)
            ),
            Reply(body, chance.choice((204, 400, 403, 404, 418, 429, 500, 503))),
            Reply(b"", chance.choice((301, 302, 307)), (("Location", chance.choice(_PLACES)),)),
            Reply(b'{"batchcomplete":true,"query":{"pages":[' + b"{}," * 300_000 + b"{}]}}"),
            Reply(b'{"batchcomplete":true,"query":{"pages":[' + b'{"title":"a"},' * 70_000 + b'{"title":"a"}]}}'),
            Reply(body.replace(b":1", b":NaN").replace(b"true", b"Infinity")),
        )
    )


_PLACES = (
    "file:///etc/passwd",
    "http://[",
    "//elsewhere.example/\x1b[31m",
    "/api.php",
    "http://127.0.0.1:1/" + "x" * 9000,
)
_VALUES: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 2**31, 2**63 - 1, 2**63, 2**64, 10**400, 1.5, -0.0, 1e308, "", "x", "1", "\ud800",
    "\x00", "\x1b[31mred", "a\nb", "x" * 100_000, [], {}, [[]], [None], {"": None}, {"a": {"b": []}}, ["x"] * 3000,
    "0000-00-00T00:00:00Z", "9999-12-31T23:59:59Z", "New one", "Old one", {"code": "x", "text": "y"},
    [{"code": "blocked", "text": "No."}],
)  # fmt: skip
_KEYS = ("errors", "continue", "missing", "invalid", "special", "redirect", "anon", "temp", "nochange", "normalized",
         "captcha", "query", "edit", "interwiki", "content", "variants", "tempusercreated")  # fmt: skip


def _mutated(chance: random.Random, answer: Any) -> Any:
    """Change one place of an answer."""
    places = [(answer, None), *_places(answer)]
    holder, key = chance.choice(places)
    if key is None:
        return _other(chance, answer)
    doing = chance.randrange(8)
    if doing == 0:
        del holder[key]
    elif doing == 1 and isinstance(holder, list):
        holder.append(holder[key])
    elif doing == 2 and isinstance(holder, dict):
        holder[chance.choice(_KEYS)] = chance.choice((True, *_VALUES))
    elif doing == 3:
        following = {"continue": chance.choice(("||", str(chance.random()))), "rvcontinue": str(chance.random())}
        answer["continue"] = following
    elif doing == 4:
        holder[key] = [holder[key]] if chance.random() < 0.5 else {"x": holder[key]}
    elif doing == 5:
        source, name = chance.choice(places[1:])
        holder[key] = source[name] if source is not holder else None
    else:
        holder[key] = _other(chance, holder[key])
    return answer


def _other(chance: random.Random, value: Any) -> Any:
    if isinstance(value, int) and chance.random() < 0.3:
        return value + chance.choice((1, -1, 1000))
    return chance.choice(_VALUES)


def _places(node: Any) -> Iterator[tuple[Any, Any]]:
    names = node.keys() if isinstance(node, dict) else range(len(node)) if isinstance(node, list) else ()
    for name in list(names):
        yield node, name
        yield from _places(node[name])
