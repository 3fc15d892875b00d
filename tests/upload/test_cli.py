"""``plainwiki upload`` as a person runs it, on a real wiki: what it shows, asks, writes, and says when it cannot."""

from __future__ import annotations

import gzip
import itertools
import json
import os
import pty
import signal
import subprocess
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from convert.upload.client import credentials
from tests import ROOT
from tests.servers.wiki import ADMIN, APP, APP_PASSWORD, BOT, EDITOR, Wiki
from tests.support.commands import PROGRAM, TIMEOUT_S, interruptible

_numbers = itertools.count(1)
Upload = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def upload(wiki: Wiki, tmp_path: Path) -> Upload:
    """Run ``plainwiki upload`` in a folder of its own, signed in as ``user``."""

    def run(
        *arguments: str | Path, user: str = BOT, given: str = "", password: str = APP_PASSWORD
    ) -> subprocess.CompletedProcess[str]:
        who = ["--user", f"{user}@{APP}"] if user else []
        where = [] if "--wiki" in arguments else ["--wiki", f"{wiki.address}/api.php"]
        return subprocess.run(
            [*PROGRAM, "upload", *arguments, *where, *who],
            cwd=tmp_path,
            env=_environment(tmp_path, password),
            input=given,
            capture_output=True,
            text=True,
            timeout=TIMEOUT_S,
            check=False,
        )

    return run


def _environment(home: Path, password: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PLAINWIKI", "XDG"))}
    return {**kept, "HOME": str(home), "PYTHONPATH": str(ROOT), credentials.PASSWORD: password}


def _signing_in(wiki: Wiki) -> str:
    return f"plainwiki: signing in at {wiki.address}: the address is from the command line\n"


@pytest.fixture
def title() -> str:
    """Give a title that no other test has."""
    return f"Command {next(_numbers)}"


def _article(folder: Path, title: str, year: int = 1990, text: str = "A ship.") -> Path:
    path = folder / f"{title}.txt"
    path.write_text(f"= {title} =\n\nInfobox ship\n- Name: Moya\n- Year: {year}\n\n{text}\n", encoding="utf-8")
    return path


def test_articles_are_published_once(wiki: Wiki, upload: Upload, tmp_path: Path, title: str) -> None:
    """First the plan, then what was done; a second time there is nothing to do, and the state is in its usual place."""
    path = _article(tmp_path, title)
    first = upload(path, "--yes")
    assert first.returncode == 0, first.stderr
    assert first.stdout.startswith(f"create    {title} ({path}): +")
    assert first.stdout.endswith("create    1\nupdate    0\nkeep      0\nconflict  0\nrefuse    0\n")
    assert "plainwiki: run " in first.stderr
    assert first.stderr.endswith(": 1 created\n")
    (revision,) = wiki.revisions(title)
    assert "| year = 1990\n" in revision.text
    second = upload(path, "--yes")
    assert (second.returncode, second.stderr) == (0, f"{_signing_in(wiki)}plainwiki: nothing to do\n")
    changed = upload(_article(tmp_path, title, 1991), "--yes")
    assert "1 existing page differs, and --mode create does not touch it" in changed.stderr
    assert (tmp_path / ".local/state/plainwiki/plainwiki.db").exists()
    runs = upload("--runs").stdout.split()
    assert runs[1:4] == [BOT, "1", "pages"]
    assert f"run {runs[0]}" in revision.comment


def test_nothing_is_done_without_an_answer(wiki: Wiki, upload: Upload, tmp_path: Path, title: str) -> None:
    """A dry run shows the plan; without a terminal to ask at, neither yes nor no is assumed."""
    path = _article(tmp_path, title)
    dry = upload(path, "--dry-run")
    assert (dry.returncode, dry.stderr) == (0, _signing_in(wiki))
    assert title in dry.stdout
    assert not (tmp_path / ".local").exists()
    unsaid = upload(path)
    assert unsaid.returncode == 2
    done = "plainwiki: nothing was done: --yes does what is planned, --dry-run only shows it\n"
    assert unsaid.stderr == _signing_in(wiki) + done
    assert not wiki.revisions(title)


@pytest.mark.parametrize("answer", ["y", "n"])
def test_person_is_asked(wiki: Wiki, tmp_path: Path, title: str, answer: str) -> None:
    """At a terminal: the first time whether to sign in, then with the number of pages and the name of the wiki."""
    path = _article(tmp_path, title)
    ours, theirs = pty.openpty()
    try:
        upload = subprocess.Popen(
            [*PROGRAM, "upload", path, "--wiki", f"{wiki.address}/api.php", "--user", f"{BOT}@{APP}"],
            env=_environment(tmp_path, APP_PASSWORD), stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        os.write(ours, f"y\n{answer}\n".encode())
        _, said = upload.communicate(timeout=TIMEOUT_S)
    finally:
        os.close(ours)
        os.close(theirs)
    assert b"Sign in there? [y/N]: " in said
    assert b"Write 1 page to Plain wiki (127.0.0.1) as Bot? [y/N]: " in said
    assert upload.returncode == 0
    assert len(wiki.revisions(title)) == (answer == "y")


def test_interrupted_upload_goes_on(wiki: Wiki, tmp_path: Path, title: str) -> None:
    """Ctrl-C ends it soon, with status 130, whatever is under way; each page is written once."""
    stream = "".join(f"= {title} {number} =\n\nText.\n\n" for number in range(40))
    (tmp_path / "all.txt").write_text(stream)
    command = [*PROGRAM, "upload", str(tmp_path / "all.txt"), "--wiki", f"{wiki.address}/api.php", "--yes", "--verbose"]
    command += ["--user", f"{BOT}@{APP}", "--concurrency", "4"]
    statuses: list[int] = []
    for _ in range(2):
        upload = subprocess.Popen(
            command, env=_environment(tmp_path, APP_PASSWORD), stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, preexec_fn=interruptible,
        )  # fmt: skip
        assert upload.stderr
        said = [next(line for line in upload.stderr if "created" in line)]
        if not statuses:
            upload.send_signal(signal.SIGINT)
        said += upload.stderr.read().splitlines()
        upload.stderr.close()
        statuses.append(upload.wait(TIMEOUT_S))
    assert statuses == [130, 0]
    assert {len(wiki.revisions(f"{title} {number}")) for number in range(40)} == {1}


def test_plan_in_a_file_is_applied_as_it_was_reviewed(wiki: Wiki, upload: Upload, tmp_path: Path, title: str) -> None:
    """A page that was changed since is a conflict, and a second time nothing is left to do."""
    for letter in "AB":
        wiki.edit(f"{title} {letter}", "Old.")
        _article(tmp_path, f"{title} {letter}")
    _article(tmp_path, f"{title} C")
    planned = upload(".", "--mode", "replace", "--plan", "plan.jsonl")
    assert planned.returncode == 0, planned.stderr
    lines = [json.loads(line) for line in (tmp_path / "plan.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [each.get("step", each.get("format")) for each in lines] == [
        "plainwiki-plan-1", "update", "update", "create",
    ]  # fmt: skip
    assert not wiki.revisions(f"{title} C")
    wiki.edit(f"{title} A", "Ann's.")
    (tmp_path / f"{title} B.txt").unlink()
    applied = upload("--apply", "plan.jsonl", "--yes")
    assert applied.returncode == 1
    assert f"conflict  {title} A" in applied.stdout
    assert f"{ADMIN} edited it since it was planned" in applied.stdout
    assert [wiki.revisions(f"{title} {letter}")[0].text[:9] for letter in "ABC"] == ["Ann's.", "{{Infobox", "{{Infobox"]
    assert "nothing to do" in upload("--apply", "plan.jsonl", "--yes").stderr
    other = upload("--apply", "plan.jsonl", "--wiki", "http://localhost:1/api.php")
    assert (other.returncode, "is a plan for" in other.stderr) == (2, True)
    missing = upload("--apply", "nothing.jsonl")
    assert (missing.returncode, missing.stderr) == (
        3,
        "plainwiki: cannot read nothing.jsonl: No such file or directory\n",
    )


def test_diff_shows_what_changes(wiki: Wiki, upload: Upload, tmp_path: Path, title: str) -> None:
    """Of each page, as ``diff -u`` does."""
    upload(_article(tmp_path, title), "--yes")
    changed = upload(_article(tmp_path, title, 1991), "--mode", "infobox", "--dry-run", "--diff")
    assert changed.stdout.splitlines()[1:][:7] == [
        f"--- {title} (now)",
        f"+++ {title} (new)",
        "@@ -1,5 +1,5 @@",
        " {{Infobox ship",
        " | name = Moya",
        "-| year = 1990",
        "+| year = 1991",
    ]


def test_infobox_of_others_is_known_and_filled(wiki: Wiki, upload: Upload, tmp_path: Path, title: str) -> None:
    """Through a redirect of its template; options say whose values win, and whether one is put where none is."""
    article = _article(tmp_path, title)
    wiki.edit(f"Template:Vessel of {title}", "#REDIRECT [[Template:Infobox ship]]")
    page = f"<div>{{{{vessel of {title}\n| Name = Talyn <!-- sic -->\n| crew = <pre>a|b</pre>\n}}}}</div>\nText."
    wiki.edit(title, page)
    asked = upload(article, "--mode", "infobox", "--yes")
    assert (asked.returncode, "Name is 'Talyn' on the page and 'Moya' in the article" in asked.stdout) == (1, True)
    filled = upload(article, "--mode", "infobox", "--yes", "--prefer", "ours:name")
    assert filled.returncode == 0, filled.stderr
    merged = page.replace("Talyn", "Moya").replace("<!-- sic -->\n", "<!-- sic -->\n| year = 1990\n")
    assert wiki.current([title])[title].text == merged
    wiki.edit(title, ":''See [[x]].''\nText.")
    bare = upload(article, "--mode", "infobox", "--yes")
    assert (bare.returncode, "--insert puts it there" in bare.stdout) == (1, True)
    assert upload(article, "--mode", "infobox", "--yes", "--insert").returncode == 0
    box = "{{Infobox ship\n| name = Moya\n| year = 1990\n}}\n"
    assert wiki.current([title])[title].text == f":''See [[x]].''\n{box}Text."


@pytest.mark.parametrize("options", [["--prefer", "mine"], ["--prefer", "ours:"], ["--prefer", "ours"], ["--insert"]])
def test_options_of_merging_are_checked(upload: Upload, tmp_path: Path, title: str, options: list[str]) -> None:
    """A side that is none, and what means nothing in another mode, are wrong usage."""
    mode = [] if options in (["--prefer", "ours"], ["--insert"]) else ["--mode", "infobox"]
    refused = upload(_article(tmp_path, title), *mode, *options)
    assert (refused.returncode, options[0] in refused.stderr) == (2, True)


def test_article_never_becomes_a_script(wiki: Wiki, upload: Upload, tmp_path: Path, title: str) -> None:
    """Nor does a page that is given as wikitext, unless it is allowed; the wiki says what a title's page will be."""
    (tmp_path / "article.txt").write_text(f"= Project:{title} =\n\nalert(1)\n")
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / f"Project:{title}.wiki").write_text("Text.\n")
    with wiki.troubled(variables={"wgNamespaceContentModels": {"4": "text"}}):
        refused = upload("article.txt", "--yes")
        assert (refused.returncode, "its content is text and not wikitext" in refused.stdout) == (1, True)
        refused = upload("pages", "--yes", "-f", "wikitext")
        assert (refused.returncode, "allow it with --scripts" in refused.stdout) == (1, True)
        assert upload("pages", "--yes", "-f", "wikitext", "--scripts", "--retry-refused").returncode == 0


def test_suspicious_plan_is_not_applied(wiki: Wiki, upload: Upload, tmp_path: Path, title: str) -> None:
    """More of the existing pages would change than is usual."""
    stream = "".join(f"= {title} {number} =\n\n%s\n\n" for number in range(10))
    (tmp_path / "all.txt").write_text(stream % (("Old.",) * 10))
    assert upload("all.txt", "--yes").returncode == 0
    (tmp_path / "all.txt").write_text(stream % (("New.",) * 4 + ("Old.",) * 6))
    refused = upload("all.txt", "--mode", "replace", "--yes")
    assert refused.returncode == 2
    assert "\nplainwiki: nothing was done: 4 of 10 existing pages would change" in refused.stderr
    assert "this would not be done: 4 of 10" in upload("all.txt", "--mode", "replace", "--dry-run").stderr
    assert upload("all.txt", "--mode", "replace", "--yes", "--max-changes", "40").returncode == 0
    assert wiki.revisions(f"{title} 3")[0].text == "New."


def test_run_is_verified_and_undone(wiki: Wiki, upload: Upload, tmp_path: Path, title: str) -> None:
    """By the name that it told."""
    said = upload(_article(tmp_path, title), "--yes", user=ADMIN).stderr
    run = said.split("run ")[1].split(":")[0]
    assert upload("--verify", user=ADMIN).stdout == "1 same\n"
    undone = upload("--undo", run, user=ADMIN)
    assert (undone.returncode, undone.stdout) == (0, "1 deleted\n")
    assert not wiki.revisions(title)
    unknown = upload("--undo", "never")
    assert (unknown.returncode, unknown.stderr.splitlines()[-1]) == (
        2, f"plainwiki: no run on this wiki is called 'never': the last ones are {run}",
    )  # fmt: skip


def test_pages_are_taken_as_they_are(wiki: Wiki, upload: Upload, tmp_path: Path, title: str) -> None:
    """From files of wikitext, which are called as their pages, from a text of several, and from a dump."""
    (tmp_path / "wiki").mkdir()
    (tmp_path / "wiki" / f"{title}%2Fa.wiki").write_text("''One''\n")
    several = f"<!-- page: {title} b -->\n''Two''\n\f\n<!-- page: {title} c -->\n''Three''\n"
    (tmp_path / "several.wiki").write_text(several)
    _article(tmp_path, f"{title} d", text="''Four''")
    subprocess.run(
        [*PROGRAM, "convert", "-t", "export", "-o", "pages.xml", f"{title} d.txt"],
        cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=True,
    )  # fmt: skip
    done = upload("several.wiki", "-", "--yes", given=(tmp_path / "pages.xml").read_text(encoding="utf-8"))
    assert done.returncode == 0, done.stderr
    assert upload("wiki", "--from", "wikitext", "--yes").returncode == 0
    texts = [wiki.revisions(f"{title}{name}")[0].text for name in ("/a", " b", " c")]
    assert texts == ["''One''", "''Two''", "''Three''"]
    assert wiki.revisions(f"{title} d")[0].text.endswith("'&#39;Four'&#39;")
    assert "nothing to do" in upload("several.wiki", "pages.xml", "--yes").stderr


def test_records_and_archives_are_read_as_batch_does(upload: Upload, tmp_path: Path, title: str) -> None:
    """With the same options for their fields."""
    record = json.dumps({"name": f"{title} record", "body": "A ship.", "more": 1})
    (tmp_path / "records.jsonl.gz").write_bytes(gzip.compress(record.encode()))
    with tarfile.open(tmp_path / "all.tar.gz", "w:gz") as archive:
        archive.add(_article(tmp_path, title), "member.txt")
    done = upload("records.jsonl.gz", "all.tar.gz", "--text-field", "body", "--title-field", "name", "--dry-run")
    assert done.stdout.splitlines()[:2] == [
        f"create    {title} record (records.jsonl.gz): +7 bytes",
        f"create    {title} (all.tar.gz/member.txt): +53 bytes",
    ]


def test_bad_input_is_told_and_the_rest_goes_on(wiki: Wiki, upload: Upload, tmp_path: Path, title: str) -> None:
    """With its place, and exit status 1."""
    (tmp_path / "bad.wiki").write_bytes(b"one\ntwo \xff")
    (tmp_path / "bad.txt").write_bytes(f"= {title} <b> =\n\nText.\n".encode())
    _article(tmp_path, title)
    done = upload("bad.wiki", "bad.txt", f"{title}.txt", f"{title}.txt", "--yes")
    assert done.returncode == 1
    assert "bad.wiki:2:5: error: byte 0xFF at offset 8 is not UTF-8" in done.stderr
    assert f"bad.txt:1:1: error: no page can be called '{title} <b>'" in done.stderr
    assert f"{title}.txt is the page '{title}' already" in done.stdout
    assert len(wiki.revisions(title)) == 1
    (tmp_path / "empty").mkdir()
    assert "there is no file in the folder" in upload("empty", "--from", "wikitext", "--yes").stderr


def test_templates_that_the_wiki_lacks_come_with_the_articles(
    wiki: Wiki, upload: Upload, tmp_path: Path, title: str
) -> None:
    """Before them; those that it has are not touched."""
    generic = wiki.revisions("Template:Infobox")
    path = _article(tmp_path, title)
    path.write_text(path.read_text().replace("Infobox ship", f"Infobox {title}"), encoding="utf-8")
    done = upload(path, "--with-templates", "--yes", user=ADMIN)
    assert [line.split(" (")[0].split(maxsplit=1)[1] for line in done.stdout.splitlines()[:2]] == [
        title, f"Template:Infobox {title}",
    ]  # fmt: skip
    assert "{{{year|}}}" in wiki.revisions(f"Template:Infobox {title}")[0].text
    assert wiki.revisions("Template:Infobox") == generic
    assert ">Moya<" in wiki.api(action="parse", page=title, prop="text")["parse"]["text"]


def test_log_for_machines_is_one_object_a_line(wiki: Wiki, upload: Upload, tmp_path: Path, title: str) -> None:
    """With everything that was done, and why the rest was not."""
    _article(tmp_path, f"{title} A")
    wiki.edit(f"{title} B", "#REDIRECT [[Port]]")
    _article(tmp_path, f"{title} B")
    done = upload(".", "--mode", "replace", "--yes", "--log-format", "json")
    signing_in, refused, created, ended = map(json.loads, done.stderr.splitlines())
    assert signing_in["event"] == "message"
    assert (refused["event"], refused["title"], refused["code"]) == ("refused", f"{title} B", "redirect")
    assert (created["event"], created["title"]) == ("created", f"{title} A")
    assert created["revision"] == wiki.revisions(f"{title} A")[0].revid
    assert created["run"] in ended["message"]


def test_wiki_of_the_configuration_has_its_settings(wiki: Wiki, upload: Upload, tmp_path: Path, title: str) -> None:
    """An option on the command line is stronger; what is wrong is told with its place."""
    path = _article(tmp_path, title)
    config = tmp_path / "plainwiki.toml"
    wikis = (
        f'[wikis.mine]\napi = "{wiki.address}/api.php"\nuser = "{BOT}@{APP}"\nsummary = "From [[here]]"\nminor = true\n'
    )
    config.write_text(wikis, encoding="utf-8")
    done = upload(path, "--config", config, "--wiki", "mine", "--yes", user="")
    assert done.returncode == 0, done.stderr
    assert wiki.revisions(title)[0].user == BOT
    assert wiki.revisions(title)[0].comment.startswith("From [\u2060[here]] (plainwiki ")
    upload(
        _article(tmp_path, f"{title} B"),
        "--config",
        config,
        "--wiki",
        "mine",
        "--yes",
        "--summary",
        "Stronger",
        user=EDITOR,
    )
    assert wiki.revisions(f"{title} B")[0].user == EDITOR
    assert wiki.revisions(f"{title} B")[0].comment.startswith("Stronger (plainwiki ")
    unknown = upload(path, "--wiki", "yours")
    assert unknown.returncode == 2
    assert "no wiki is called 'yours'" in unknown.stderr
    assert "choose from mine" in unknown.stderr
    for wrong, told in (
        ("color = true\n", "[wikis.mine]: no 'color' can be set: choose from api, "),
        ('mode = "burn"\n', "[wikis.mine]: mode: 'burn' is not one of"),
        ("\n[wikis.other]\nuser = 'x'\n", "plainwiki.toml:1: wikis.other: no 'api' is named"),
    ):
        config.write_text(wikis + wrong, encoding="utf-8")
        failed = upload(path, "--wiki", "mine")
        assert failed.returncode == 2
        assert told in failed.stderr


def test_what_cannot_be_is_said_in_a_line(upload: Upload, tmp_path: Path, title: str) -> None:
    """With the exit status that it has, and without the password."""
    path = _article(tmp_path, title)
    wrong = upload(path, "--yes", password="wrong horse")
    assert wrong.returncode == 3
    assert "cannot sign in" in wrong.stderr
    assert "wrong horse" not in wrong.stderr + wrong.stdout
    assert upload(path, "--wiki", "http://127.0.0.1:1/api.php").returncode == 3
    assert "not encrypted" in upload(path, "--wiki", "http://wiki.example/api.php").stderr
    nowhere = subprocess.run([*PROGRAM, "upload", path], capture_output=True, text=True, check=False)
    assert (nowhere.returncode, "--wiki" in nowhere.stderr) == (2, True)
    for failed in (wrong, nowhere):
        assert "Traceback" not in failed.stderr


def test_secret_is_in_no_file(upload: Upload, tmp_path: Path, title: str) -> None:
    """Neither in the state nor in a plan."""
    upload(_article(tmp_path, title), "--yes", "--verbose")
    upload(_article(tmp_path, f"{title} B"), "--plan", "plan.jsonl")
    files = [each for each in tmp_path.rglob("*") if each.is_file()]
    assert {"plan.jsonl", "plainwiki.db"} <= {each.name for each in files}
    assert not [each for each in files if APP_PASSWORD.encode() in each.read_bytes()]


def test_first_letters_tell_pages_apart_where_the_wiki_says_so(
    wiki: Wiki, upload: Upload, title: str, tmp_path: Path
) -> None:
    names = [f"zebra of {title}", f"Zebra of {title}"]
    records = [json.dumps({"title": name, "text": f"It is {name}."}) for name in names]
    (tmp_path / "zebras.jsonl").write_text("\n".join(records), "utf-8")
    with wiki.troubled(variables={"wgCapitalLinks": False}):
        done = upload("zebras.jsonl", "--yes")
        assert done.returncode == 0, done.stderr
        assert [wiki.revisions(name)[0].text for name in names] == [f"It is {name}." for name in names]
    done = upload("zebras.jsonl", "--dry-run")
    assert done.returncode == 1
    assert "title-repeated" in done.stdout, done.stdout


def test_person_says_whose_value_is_taken(wiki: Wiki, upload: Upload, tmp_path: Path, title: str) -> None:
    """At a terminal; without one, the remedy is told.  What is left open is a conflict."""
    pages = {f"{title} {letter}": f"{{{{Infobox ship\n| year = {year}\n}}}}" for letter, year in (("A", 1), ("B", 2))}
    for page, text in pages.items():
        wiki.edit(page, text)
        _article(tmp_path, page)
    refused = upload(".", "--mode", "infobox", "--prefer", "ask", "--yes")
    assert refused.returncode == 2
    assert "--prefer ask asks at a terminal, and here is none: say ours or theirs, or leave it out" in refused.stderr
    ours, theirs = pty.openpty()
    try:
        command = [*PROGRAM, "upload", ".", "--wiki", f"{wiki.address}/api.php", "--user", f"{BOT}@{APP}", "--yes"]
        run = subprocess.Popen(
            [*command, "--mode", "infobox", "--prefer", "ask:Year"], cwd=tmp_path, stdin=theirs,
            env=_environment(tmp_path, APP_PASSWORD), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        os.write(ours, b"ours\n\n")
        shown, said = run.communicate(timeout=TIMEOUT_S)
    finally:
        os.close(ours)
        os.close(theirs)
    assert f"{title} A: year is '1' on the page and '1990' in the article (ours, theirs, neither)".encode() in said
    assert run.returncode == 1, said
    assert f"conflict  {title} B".encode() in shown
    assert [len(wiki.revisions(page)) for page in pages] == [2, 1]
    assert "| year = 1990\n" in wiki.revisions(f"{title} A")[0].text


def test_infobox_is_put_in_the_format_of_the_wiki(wiki: Wiki, upload: Upload, tmp_path: Path, title: str) -> None:
    """As TemplateData on the template's page says."""
    described = '<templatedata>{"params": {"year": {}}, "format": "{{_\\n|_________ = _\\n}}"}</templatedata>'
    wiki.edit(f"Template:Infobox {title}", f"<noinclude>{described}</noinclude>")
    wiki.edit(title, "Text.")
    path = tmp_path / "a.txt"
    path.write_text(f"= {title} =\n\nInfobox {title}\n- Year: 1990\n- Port: Rigel\n\nA ship.\n", encoding="utf-8")
    done = upload(path, "--mode", "infobox", "--insert", "--yes")
    assert done.returncode == 0, done.stderr
    assert wiki.revisions(title)[0].text.splitlines()[1:3] == ["|year      = 1990", "|port      = Rigel"]
