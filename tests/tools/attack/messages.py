"""Hostile text from every source of messages: titles, file names, catalogues, servers and others.

Output for people contains no control characters except line feeds, no forged lines, and no secrets in any form in which
a server may echo them.
"""

from __future__ import annotations

import base64
import html
import json
import random
import urllib.parse
from collections.abc import Callable
from pathlib import Path

from tests.servers.echoing import EchoingWiki
from tests.support.running import Ran, ran

CONTROLS = (
    "\x1b[31m", "\x1b]0;owned\x07", "\x9b31m", "\x07", "\r", "\x08", "\x7f", "\x85", "\u2028", "\u202e", "\u2066",
    "\u200f", "\u061c", "\u200b", "\ufeff", "\nplainwiki: forged", "\x1b[2J",
)  # fmt: skip
WORDS = ("Moya", "Infobox ship", "yes", "::error::", "%0A", "[b]", ":smile:", "é", "艦", "{{x}}", "[[y]]", "'", '"')
FORMS: tuple[Callable[[str], str], ...] = (
    str,
    urllib.parse.quote,
    urllib.parse.quote_plus,
    lambda text: urllib.parse.quote(urllib.parse.quote(text)),
    lambda text: "".join(f"%{byte:02x}" for byte in text.encode()),
    html.escape,
    lambda text: json.dumps(text),
    lambda text: "".join(f"\\u{ord(character):04X}" for character in text),
    lambda text: base64.b64encode(text.encode()).decode(),
    lambda text: base64.urlsafe_b64encode(text.encode()).decode(),
    str.upper,
)


def hostile(chance: random.Random, without: str = "") -> str:
    """Make a text with control sequences of terminals."""
    pieces = chance.choices(CONTROLS, k=chance.randint(1, 3)) + chance.choices(WORDS, k=chance.randint(1, 3))
    chance.shuffle(pieces)
    return "".join(character for character in "".join(pieces) if character not in without)


def check(result: Ran, secret: str = "") -> None:
    """Assert that the output is harmless."""
    for text in (result.out, result.err):
        assert not [character for character in text if not character.isprintable() and character != "\n"], ascii(text)
        assert not [line for line in text.split("\n") if line.startswith("plainwiki: forged")], text
        assert "Traceback" not in text, text
    if secret:
        for form in FORMS:
            assert form(secret).strip('"').rstrip("=") not in result.out + result.err, (form(secret), result)
    assert result.status in range(4), result


def attack(chance: random.Random, folder: Path) -> None:
    """Try one source."""
    chance.choice(PLACES)(chance, folder)


def _articles(chance: random.Random, folder: Path) -> None:
    path = folder / f"{hostile(chance, '/')}.txt"
    box = f"Infobox {hostile(chance)}\n- {hostile(chance)}: {hostile(chance)}\n- Year: {hostile(chance)}\n\n"
    path.write_text(f"= {hostile(chance)} =\n\n{box}x\n\n== {hostile(chance)} =\n", "utf-8", newline="")
    form = chance.choice(["text", "json", "github"])
    command = chance.choice(
        [["check"], ["convert", "-v", "-o", "o.wiki"], ["batch", "-v", "-o", f"o{hostile(chance)}"]]
    )
    result = ran(folder, *command, str(path), "-j1" if command[0] != "convert" else "-v", "--diagnostics", form)
    check(result)
    for line in result.out.splitlines() if form == "json" else ():
        json.loads(line)


def _usage(chance: random.Random, folder: Path) -> None:
    text = hostile(chance)
    lines = [
        ["convert", text], ["convert", f"--{text}"], [text], ["convert", "--paragraphs", text], ["schema", text],
        ["convert", "--from", text], ["batch", "-", "-o", "x/", "--split", text], ["templates", "show", text],
        ["convert", "--config", text], ["convert", "--catalogue", text], ["upload", "--wiki", text, "--runs"],
        ["upload", text, "--wiki", "http://127.0.0.1:9/api.php"], ["upload", "--apply", text], ["templates", text],
        ["templates", "learn", text], ["templates", "learn", text, "--names", "("], ["batch", text, "-o", "x/"],
    ]  # fmt: skip
    check(ran(folder, *chance.choice(lines)))


def _catalogue(chance: random.Random, folder: Path) -> None:
    names = [hostile(chance) for _ in range(6)]
    parameters = [{"name": names[1], "label": names[2], "aliases": [names[3]]}]
    template = {"name": names[0], "aliases": [names[4]], "parameters": parameters}
    content = json.dumps({"format": "plainwiki-catalogue-1", "templates": [template]})
    (folder / "c.json").write_text(chance.choice([content, content[: chance.randrange(len(content))]]), "utf-8")
    fields = f"- {names[1]}: 1\n".translate({10: None})
    (folder / "a.txt").write_text(f"= {names[5]} =\n\nInfobox\n{fields}\n- Name: x\n\nx\n", "utf-8", newline="")
    lines = [["list"], ["show", names[0]], ["match", "a.txt"]]
    form = chance.choice([[], ["--json"]])
    result = ran(folder, "templates", *chance.choice(lines), "--catalogue", "c.json", *form)
    check(result)
    for line in result.out.splitlines() if form else ():
        json.loads(line)


def _configuration(chance: random.Random, folder: Path) -> None:
    key, value, wiki = (json.dumps(hostile(chance)) for _ in range(3))
    quoted = json.dumps(f"http://{hostile(chance)}")
    texts = [
        f"{key} = 1\n", f"paragraphs = {value}\n", f"[{key}]\n", f"[wikis.{wiki}]\nuser = {value}\n",
        f"[wikis.{wiki}]\napi = {quoted}\nmode = {value}\n", f"[[infobox]]\n{key} = {value}\n", hostile(chance),
    ]  # fmt: skip
    (folder / "plainwiki.toml").write_text(chance.choice(texts).replace("\x7f", "\\u007f"), "utf-8", newline="")
    (folder / "a.txt").write_text("= A =\n\nx\n")
    check(ran(folder, *chance.choice([["convert", "a.txt"], ["upload", "a.txt", "--wiki", hostile(chance)]])))


def _server(chance: random.Random, folder: Path) -> None:
    secret = "".join(chance.choices("abcXYZ019&%+/\"'é ", k=chance.randint(12, 40))).strip() + "~end"
    token = chance.random() < 0.3
    if token:
        secret = "".join(character for character in secret if character.isascii() and character != " ")
    form, noise = chance.choice(FORMS), hostile(chance)

    def echo(text: str) -> str:
        return f"{noise}{form(text)}{noise}" if chance.random() < 0.5 else f"{noise}{form(secret)} {noise}"

    secrets = {"PLAINWIKI_TOKEN": secret} if token else {"PLAINWIKI_PASSWORD": secret}
    (folder / "a.txt").write_text("= A =\n\nx\n")
    with EchoingWiki(echo, chance.choice(["reason", "user", "redirect", "error"])) as wiki:
        user = chance.choice(["Bot@app", "Account", "Account"])
        command = ["upload", "a.txt", "--wiki", wiki.address, "--user", user, "--yes", "--patience", "0"]
        result = ran(folder, *command, "--log-format", chance.choice(["text", "json"]), environment=secrets)
        assert secret in "".join([*wiki.headers, *(value for fields in wiki.sent for value in fields.values())])
    assert result.status == 3, result
    check(result, secret)


def _plan(chance: random.Random, folder: Path) -> None:
    head = {"format": "plainwiki-plan-1", "run": hostile(chance), "api": f"http://{hostile(chance)}/api.php"}
    head |= {"user": hostile(chance), "mode": hostile(chance)}
    (folder / "p.jsonl").write_text(json.dumps(head) + "\n" + json.dumps({"kind": hostile(chance)}) + "\n")
    check(ran(folder, "upload", "--apply", "p.jsonl", "--yes", "--user", hostile(chance)))


PLACES = (_articles, _usage, _catalogue, _configuration, _server, _server, _plan)
