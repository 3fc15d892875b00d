"""A real, temporary MediaWiki for the tests.

Debian's package is used in place, or what the environment names; the state of each wiki (settings, SQLite, caches) is
in a temporary folder.  ``python -m tests.servers.wiki`` serves one for manual tests: empty, or with the given articles.

    with Wiki(folder) as wiki:
        wiki.render(["''not'' italic"])[0].text
        wiki.api(action="query", meta="siteinfo")

Sources: https://www.mediawiki.org/wiki/Manual:Install.php, https://www.mediawiki.org/wiki/API:Main_page
"""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.request
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any

import msgspec

from tests import FIXTURES, ROOT
from tests.support.rendered import Rendered

#: The installation of MediaWiki; an environment variable selects another than Debian's.
MEDIAWIKI = Path(os.environ.get("MEDIAWIKI", "/usr/share/mediawiki"))
#: That of Debian's next release, which `make test-next` fetches.
NEXT_MEDIAWIKI = Path(os.environ.get("NEXT_MEDIAWIKI", "/nonexistent"))
#: Whether its pages are shown by Parsoid, where no test says which renderer it means; MediaWiki 1.43 has both.
PARSOID = os.environ.get("MEDIAWIKI_RENDERER", "legacy") == "parsoid"
ADMIN, ADMIN_PASSWORD = "Admin", "correct horse battery"
BOT, BOT_PASSWORD = "Bot", "another horse battery"
#: An account without special rights.
EDITOR, EDITOR_PASSWORD = "Editor", "no horse battery"
#: The bot password of ``Bot@plainwiki``.
APP, APP_PASSWORD = "plainwiki", "0123456789abcdef0123456789abcdef"
EXTENSIONS = "Cite,ParserFunctions,Scribunto,TemplateData,TextExtracts"
#: Its tables are created, and a test enables it.
_PREPARED = "AbuseFilter"
_GRANTS = (
    "basic,blockusers,highvolume,editpage,editprotected,editinterface,editsiteconfig,createeditmovepage,delete,protect,"
    "import,uploadfile"
)
#: The port of the wiki for manual tests.
USUAL_PORT = 8765
_READY_S = 20
_BATCH = 500
_TITLES = 50
_REVISION = {"rvprop": "ids|timestamp|sha1|user|comment|content", "rvslots": "main"}
_CALL = re.compile(r"^\{\{([^{}|\n]+)$", re.MULTILINE)


class WikiError(Exception):
    """The wiki answered with an error; ``code`` is the API's."""

    def __init__(self, code: str, info: str) -> None:
        super().__init__(f"{code}: {info}")
        self.code = code


class Revision(msgspec.Struct, frozen=True):
    """One revision of a page, from the API."""

    revid: int
    timestamp: str
    sha1: str
    user: str
    comment: str
    text: str


class Wiki:
    """A wiki installed in ``folder`` and served on loopback between ``__enter__`` and ``__exit__``.

    It ends by itself after ``lifetime_s`` seconds, if that is not 0.  ``empty``: without the pages of fixtures/wiki.
    """

    def __init__(
        self,
        folder: Path,
        lifetime_s: int = 7200,
        extensions: str = EXTENSIONS,
        port: int = 0,
        empty: bool = False,
        installation: Path = MEDIAWIKI,
    ) -> None:
        if not (installation / "maintenance" / "install.php").exists():
            raise RuntimeError(f"there is no MediaWiki in {installation}: run `make system`, which installs it")
        self.folder = folder
        self.installation = installation
        self.lifetime_s = lifetime_s
        self.extensions = extensions
        self.empty = empty
        self.port = port or _free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self._server: subprocess.Popen[bytes] | None = None
        self._renderers: dict[tuple[tuple[str, str], ...], subprocess.Popen[str]] = {}
        self._browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        self._token = ""

    def __enter__(self) -> Wiki:
        try:
            self._install()
            self._serve()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *raised: object) -> None:
        self.stop()

    def maintain(self, script: str, *arguments: str, stdin: str = "") -> str:
        """Run one of MediaWiki's maintenance scripts; return its output, raise if it fails."""
        command = ["php", str(self.installation / "maintenance" / f"{script}.php"), *arguments]
        done = subprocess.run(command, env=self._environment(), input=stdin, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"{script} failed with {done.returncode}:\n{done.stdout}{done.stderr}")
        return done.stdout + done.stderr

    def render(
        self,
        texts: Iterable[str],
        *,
        kind: str = "page",
        title: str = "Rendered",
        settings: Mapping[str, str] | None = None,
    ) -> list[Rendered]:
        """Render texts as pages called ``title``, a thousand a second, without saving them.

        ``kind`` is ``"page"``, ``"comment"`` (an edit summary), or ``"parsoid"`` (HTML, whose wikitext is then what
        was ``saved``).  ``settings`` are variables that fixtures/wiki/LocalSettings.php reads and, for Parsoid,
        ``TEST_WIKI_PARSOID``.
        """
        asked = [{"as": kind, "text": text, "title": title} for text in texts]
        renderer = self._renderer(settings or {})
        assert renderer.stdin
        assert renderer.stdout
        rendered: list[Rendered] = []
        for start in range(0, len(asked), _BATCH):
            print(json.dumps(asked[start : start + _BATCH]), file=renderer.stdin, flush=True)
            line = renderer.stdout.readline()
            if not line:
                raise RuntimeError(f"render.php ended: {self._log('render').read_text()}")
            rendered += msgspec.json.decode(line, type=list[Rendered])
        return rendered

    def api(self, **parameters: str) -> dict[str, Any]:
        """Send a read request to the Action API, without retries; raises WikiError for an error."""
        return self._ask(parameters, {})

    def write(self, **parameters: str) -> dict[str, Any]:
        """Send a write request to the Action API, with the administrator's bot password."""
        return self._ask(self._signed(parameters), {})

    def edit(self, title: str, text: str, summary: str = "") -> dict[str, Any]:
        """Save a page over the API."""
        done: dict[str, Any] = self.write(action="edit", title=title, text=text, summary=summary)["edit"]
        return done

    def import_xml(self, xml: str) -> dict[str, int]:
        """Import a dump over the API; return the number of new revisions by page."""
        asked = self._signed({"action": "import", "interwikiprefix": "dump"})
        done = self._ask(asked, {"xml": xml.encode()})
        return {page["title"]: page["revisions"] for page in done["import"]}

    def import_dump(self, path: Path, *options: str) -> str:
        """Import a dump with importDump.php; return its output."""
        return self.maintain("importDump", *options, str(path))

    def revisions(self, title: str) -> list[Revision]:
        """Return all revisions of a page, the current one first; none for a missing page."""
        answer = self.api(action="query", prop="revisions", titles=title, rvlimit="max", **_REVISION)
        return [_revision(revision) for revision in answer["query"]["pages"][0].get("revisions", [])]

    def current(self, titles: Sequence[str]) -> dict[str, Revision]:
        """Return the current revisions of the existing pages, by the given titles."""
        revisions: dict[str, Revision] = {}
        for start in range(0, len(titles), _TITLES):
            some = titles[start : start + _TITLES]
            # The separator of lists whose elements may contain a pipe.
            asked = "\x1f" + "\x1f".join(some)
            answer = self.api(action="query", prop="revisions", titles=asked, **_REVISION)["query"]
            folded = {change["from"]: change["to"] for change in answer.get("normalized", [])}
            pages = {page["title"]: page["revisions"][0] for page in answer["pages"] if "revisions" in page}
            revisions |= {title: _revision(pages[to]) for title in some if (to := folded.get(title, title)) in pages}
        return revisions

    def supply_templates(self, pages: Iterable[str]) -> None:
        """Create each template that pages call on a line of its own, as one that shows its arguments."""
        for name in sorted({name for page in pages for name in _CALL.findall(page)}):
            if not self.revisions(f"Template:{name}"):
                self.edit(f"Template:{name}", "{{#invoke:Rows|show}}")

    def extract(self, title: str) -> str:
        """Return the text of a page by TextExtracts, with headings between ``==``."""
        answer = self.api(action="query", prop="extracts", titles=title, explaintext="1", exsectionformat="wiki")
        text: str = answer["query"]["pages"][0]["extract"]
        return text

    @contextmanager
    def troubled(self, *extensions: str, **troubles: Any) -> Iterator[None]:
        """Enable extensions and settings of fixtures/wiki/Troubles.php, until the end or until ``calm``."""
        written = self.folder / "settings.new"
        written.write_text(json.dumps({"extensions": extensions, **troubles}), encoding="utf-8")
        written.replace(self.folder / "settings.json")
        try:
            yield
        finally:
            self.calm()
            if "wgMainCacheType" in troubles.get("variables", {}):
                self._forget()

    def _forget(self) -> None:
        """Empty the cache, but for sessions: what changes while it is off, as an account's token, would be stale."""
        with closing(sqlite3.connect(self.folder / "wikicache.sqlite", timeout=60)) as cache, cache:
            cache.execute("DELETE FROM objectcache WHERE keyname NOT LIKE '%MWSession%'")

    def calm(self) -> None:
        """Disable what ``troubled`` enabled."""
        (self.folder / "settings.json").unlink(missing_ok=True)

    def stop(self) -> None:
        """End the processes that were started here, and no others."""
        for renderer in self._renderers.values():
            assert renderer.stdin
            renderer.stdin.close()
            renderer.wait(_READY_S)
            assert renderer.stdout
            renderer.stdout.close()
        self._renderers.clear()
        if self._server:
            # The process group: PHP's server leaves its workers behind when it is killed alone.
            os.killpg(self._server.pid, signal.SIGTERM)
            self._server.wait(_READY_S)
            self._server = None

    def _ask(self, parameters: Mapping[str, str], files: Mapping[str, bytes]) -> dict[str, Any]:
        fields = {"format": "json", "formatversion": "2", "errorformat": "plaintext", **parameters}
        body, kind = _multipart(fields, files)
        request = urllib.request.Request(f"{self.address}/api.php", body, {"Content-Type": kind})
        with self._browser.open(request, timeout=60) as answer:
            content: dict[str, Any] = json.load(answer)
        for error in content.get("errors", []):
            raise WikiError(error["code"], error.get("text", ""))
        return content

    def _signed(self, parameters: Mapping[str, str]) -> dict[str, str]:
        if not self._token:
            token = self.api(action="query", meta="tokens", type="login")["query"]["tokens"]["logintoken"]
            done = self.api(action="login", lgname=f"{ADMIN}@{APP}", lgpassword=APP_PASSWORD, lgtoken=token)["login"]
            assert done["result"] == "Success", done
            self._token = self.api(action="query", meta="tokens")["query"]["tokens"]["csrftoken"]
        return {"token": self._token, "assert": "user", **parameters}

    def _install(self) -> None:
        arguments = {
            "confpath": str(self.folder), "dbtype": "sqlite", "dbpath": str(self.folder), "dbname": "wiki",
            "server": self.address, "scriptpath": "", "skins": "Vector", "extensions": f"{self.extensions},{_PREPARED}",
            "pass": ADMIN_PASSWORD,
        }  # fmt: skip
        self.maintain("install", *(f"--{name}={value}" for name, value in arguments.items()), "Plain wiki", ADMIN)
        settings = self.folder / "LocalSettings.php"
        written = settings.read_text(encoding="utf-8").replace(f"wfLoadExtension( '{_PREPARED}' );", "")
        settings.write_text(f"{written}require_once '{FIXTURES}/wiki/LocalSettings.php';\n", encoding="utf-8")
        self.maintain("createAndPromote", "--bot", "--force", BOT, BOT_PASSWORD)
        self.maintain("createAndPromote", EDITOR, EDITOR_PASSWORD)
        for user in (ADMIN, BOT, EDITOR):
            self.maintain("createBotPassword", f"--appid={APP}", f"--grants={_GRANTS}", user, APP_PASSWORD)
        for prefix, suffix in () if self.empty else (("Template:", "wiki"), ("Module:", "lua")):
            pages = sorted(map(str, (FIXTURES / "wiki").glob(f"*.{suffix}")))
            self.maintain("importTextFiles", f"--prefix={prefix}", *pages)

    @contextmanager
    def served_with(self, **limits: str) -> Iterator[str]:
        """Serve the same wiki at another address, too, with other settings of PHP; give the address."""
        port = _free_port()
        server = self._served(port, limits)
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            os.killpg(server.pid, signal.SIGTERM)
            server.wait(_READY_S)

    def _serve(self) -> None:
        self._server = self._served(self.port, {})

    def _served(self, port: int, limits: Mapping[str, str]) -> subprocess.Popen[bytes]:
        """Start PHP's server, and return when it answers."""
        log = self._log("server").open("ab")
        with log:
            # It ends with this process, however that ends, and in any case after its lifetime.
            bounds = ["setpriv", "--pdeathsig", "TERM", "timeout", str(self.lifetime_s)]
            settings = [part for name, value in limits.items() for part in ("-d", f"{name}={value}")]
            server = ["php", "-d", "opcache.enable_cli=1", *settings, "-S", f"127.0.0.1:{port}", "-t"]
            process = subprocess.Popen(
                [*bounds, *server, str(self.installation)],
                env={**self._environment(), "PHP_CLI_SERVER_WORKERS": "4"},
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        until = time.monotonic() + _READY_S
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                return process
            except OSError as refused:
                if process.poll() is not None or time.monotonic() > until:
                    raise RuntimeError(f"the wiki does not answer: {self._log('server').read_text()}") from refused
                time.sleep(0.02)

    def _renderer(self, settings: Mapping[str, str]) -> subprocess.Popen[str]:
        settings = {"TEST_WIKI_PARSOID": "1" if PARSOID else "", **settings}
        key = tuple(sorted(settings.items()))
        if key not in self._renderers:
            with self._log("render").open("a") as log:
                self._renderers[key] = subprocess.Popen(
                    ["php", str(FIXTURES / "wiki" / "render.php")],
                    env={**self._environment(), **settings},
                    stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True, encoding="utf-8",
                )  # fmt: skip
        return self._renderers[key]

    def _environment(self) -> dict[str, str]:
        ours = {"MW_INSTALL_PATH": str(self.installation), "MW_CONFIG_FILE": str(self.folder / "LocalSettings.php")}
        return {**os.environ, **ours}

    def _log(self, name: str) -> Path:
        return self.folder / f"{name}.log"


def _multipart(fields: Mapping[str, str], files: Mapping[str, bytes]) -> tuple[bytes, str]:
    """Encode a form; return the body and its content type."""
    boundary = uuid.uuid4().hex
    parts: list[bytes] = []
    for name, value in fields.items():
        parts.append(f'Content-Disposition: form-data; name="{name}"\r\n\r\n'.encode() + value.encode())
    for name, content in files.items():
        head = f'Content-Disposition: form-data; name="{name}"; filename="{name}"\r\n\r\n'
        parts.append(head.encode() + content)
    body = b"".join(b"--%s\r\n%s\r\n" % (boundary.encode(), part) for part in parts)
    return body + b"--%s--\r\n" % boundary.encode(), f"multipart/form-data; boundary={boundary}"


def _revision(answer: dict[str, Any]) -> Revision:
    return msgspec.convert({**answer, "text": answer["slots"]["main"]["content"]}, Revision)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def main(articles: Sequence[str]) -> None:
    """Serve an empty wiki, or one with articles imported, until Ctrl-C."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with (
        suppress(KeyboardInterrupt),
        tempfile.TemporaryDirectory(prefix="plainwiki-wiki-") as folder,
        Wiki(Path(folder), lifetime_s=0, port=_usual_port(), empty=True) as wiki,
    ):
        if articles:
            _import(wiki, articles, Path(folder) / "articles.xml")
        account = f"user {ADMIN}, password '{ADMIN_PASSWORD}'; Ctrl-C ends it"
        print(f"{wiki.address}/index.php/Special:AllPages   ({account})")
        print(f"Programs sign in as {ADMIN}@{APP} with the password {APP_PASSWORD}", flush=True)
        signal.pause()


def _import(wiki: Wiki, articles: Sequence[str], dump: Path) -> None:
    for command in (["templates", "pages"], ["convert", "-t", "export"]):
        program = [sys.executable, "-m", "convert", *command, "--quiet", "-o", str(dump), *articles]
        subprocess.run(program, cwd=ROOT, check=True)
        wiki.import_dump(dump)
    wiki.maintain("rebuildrecentchanges")


def _usual_port() -> int:
    """Return the port in the README for the wiki for manual tests, if it is free."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", USUAL_PORT))
        except OSError:
            return 0
    return USUAL_PORT


if __name__ == "__main__":
    main(sys.argv[1:])
