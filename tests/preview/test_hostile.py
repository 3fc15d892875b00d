"""A wiki that wants to run its scripts in the preview, or to have the browser ask elsewhere: it does neither."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from urllib.request import urlopen

import pytest

from convert.batch.model import Task
from convert.errors import EnvironmentFailed
from convert.inputs.sources import Selection
from convert.preview.documents import Reader
from convert.preview.library import Library
from convert.preview.wiki import live_wiki
from convert.preview.wiki.live_wiki import LiveWiki
from convert.preview.wiki.origins import origin_of, within_origin
from convert.profile import NAMESPACES
from convert.upload.client.credentials import Nobody
from convert.upload.plan import Rules
from tests.servers.preview import DOUBTFUL, previewing, until_loaded

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Dialog

FOREIGN = "evil.example"
#: Where a wiki says that it is; what stands there ends up in a policy and in HTML.
BASES = (
    f"//{FOREIGN}/index.php/Main",
    f"http://{FOREIGN}/x",
    f"http://x//{FOREIGN}/x",
    f"http://x////{FOREIGN}/;script-src 'unsafe-inline' *",
    "http://x/;script-src 'unsafe-inline'; default-src *",
    "http://x; script-src *; sandbox allow-scripts/x",
    'http://x/"><script>alert(1)</script>',
    "http://x/\r\nSet-Cookie: a=b\r\n\r\n<script>alert(2)</script>",
    "http://x/\u2028\u00e9 \ud800",
    "javascript:alert(3)",
    "http://[::1",
    "",
)

_HEAD = """<!DOCTYPE html><html lang='"><script>alert(4)</script>' dir="&quot; onload=&quot;alert(5)"><head>
<script src='/load.php?skin="><script>alert(6)</script>&amp;lang="><img src=x onerror=alert(7)>'></script></head>
<body class='"><script>alert(8)</script>' onload="alert(9)">"""
_TEXT = """<script>alert(10)</script><img src=x onerror="alert(11)"><svg onload="alert(12)"></svg>
<meta http-equiv="refresh" content="0; url=http://evil.example/refreshed">
<base href="http://evil.example/"><link rel="stylesheet" href="http://evil.example/style.css">
<form action="http://evil.example/"><button>Go</button></form>
<a href="javascript:alert(13)">x</a><iframe src="http://evil.example/framed"></iframe>
<object data="http://evil.example/object"></object></div></main></body><script>alert(14)</script>"""
_EVIL = "<img src=x onerror=alert(15)>\u2028</script><script>alert(16)</script>"


def siteinfo(base: str) -> dict[str, Any]:
    """What the wiki says of itself."""
    general = {"base": base, "server": _EVIL, "scriptpath": _EVIL, "logo": _EVIL, "sitename": _EVIL, "generator": _EVIL}
    return {
        "general": {**general, "lang": _EVIL, "wikiid": _EVIL, "case": "first-letter"},
        "namespaces": {str(each): {"id": each, "name": name} for each, name in NAMESPACES.items()},
        "namespacealiases": [], "interwikimap": [],
        "userinfo": {"id": 0, "name": _EVIL, "anon": True, "rights": ["read"], "ratelimits": {}},
    }  # fmt: skip


def pages(titles: str) -> dict[str, Any]:
    """What the wiki says of pages."""
    slots = {"main": {"contentmodel": "wikitext", "contentformat": "text/x-wiki", "content": _EVIL}}
    revision = {"revid": 7, "timestamp": _EVIL, "user": _EVIL, "size": 1, "sha1": _EVIL, "slots": slots}
    common = {"ns": 0, "pageid": 1, "lastrevid": 7, "length": 1, "contentmodel": "wikitext", "actions": {}}
    found = [{**common, "title": title, "revisions": [revision]} for title in re.split("[|\x1f]", titles) if title]
    return {"pages": found}


@contextmanager
def hostile_wiki(base: str = "http://x/y", parse: Mapping[str, Any] = MappingProxyType({})) -> Iterator[str]:
    """Serve the API of a wiki that says ``base`` of itself, and ``parse`` of pages.

    Its pages want things of http://evil.example, which is the same server under the name localhost.  Who asks for
    ``/asked`` is told which they got.
    """
    gotten: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            if self.headers["Host"].startswith("localhost"):
                gotten.append(self.path)
            self._send(json.dumps(gotten).encode(), "text/css")

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            fields = dict(re.findall(r'name="(\w+)"\r\n\r\n(.*?)\r\n--', body.decode(), re.DOTALL))
            self._send(json.dumps(answered(fields)).encode(), "application/json")

        def _send(self, body: bytes, kind: str) -> None:
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *arguments: Any) -> None:
            pass

    def answered(fields: dict[str, str]) -> dict[str, Any]:
        if fields.get("action") == "parse":
            text = _TEXT.replace("evil.example", f"localhost:{server.server_port}")
            parsed = {"text": text, "headhtml": _HEAD, "modulestyles": ['"><script>alert(17)</script>']}
            return {"parse": {**parsed, **parse}}
        if "titles" in fields:
            return {"curtimestamp": "2024-05-31T12:00:00Z", "query": pages(fields["titles"])}
        return {"query": siteinfo(base)}

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@contextmanager
def framed(folder: Path, wiki: str) -> Iterator[Callable[[], tuple[str, str]]]:
    """Give what makes the page of an article on a wiki, and the policy for it."""
    (folder / "inga.txt").write_text(DOUBTFUL, "utf-8")
    library = Library([str(folder / "inga.txt")], Selection(), Reader(Task("wikitext", "text")))
    library.scan()
    list(library.read_pending())
    (document,) = library.documents()
    remote = LiveWiki("ours", f"{wiki}/api.php", Nobody(), Rules("replace"), str(folder / "state.db"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("convert.preview.wiki.live_wiki.PATIENCE_S", 0)  # what is no answer is not asked for again
        try:
            yield lambda: remote.frame(document)
        finally:
            remote.close()


def directives(policy: str) -> dict[str, list[str]]:
    """Read a policy as a browser does; of a directive that stands twice the first counts."""
    found: dict[str, list[str]] = {}
    for each in policy.split(";"):
        name, *values = each.split()
        found.setdefault(name.lower(), values)
    return found


@pytest.mark.slow
@pytest.mark.parametrize("base", BASES, ids=repr)
def test_what_a_wiki_says_of_itself_changes_no_policy(tmp_path: Path, base: str) -> None:
    with hostile_wiki(base) as wiki, framed(tmp_path, wiki) as frame:
        try:
            text, policy = frame()
        except EnvironmentFailed:
            assert not base.isprintable()  # then the answer is no wiki's
            return
    assert directives(policy) == {
        "sandbox": ["allow-popups", "allow-popups-to-escape-sandbox"], "default-src": ["'none'"],
        "style-src": ["'unsafe-inline'", wiki], "img-src": [wiki, "https:", "data:"], "font-src": [wiki, "data:"],
        "base-uri": [wiki], "form-action": ["'none'"], "frame-ancestors": ["'self'"],
    }  # fmt: skip
    head = text.partition('class="vector-body')[0]
    found = re.search(r'<base href="([^"<>]*)" target', head)
    assert found
    assert re.match(f"{re.escape(wiki)}/(?!/)", found[1])
    assert "<script" not in head


@pytest.mark.parametrize(
    "parse",
    [
        {"headhtml": ""},
        {"headhtml": "\0<html>\ud800"},
        {"headhtml": '<?xml version="1.0" encoding="utf-8"?><html>'},
        {"text": "\ud800"},
        {"modulestyles": ["\ud800"]},
    ],
    ids=repr,
)
def test_a_page_that_cannot_be_framed_is_told(
    tmp_path: Path, parse: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_wiki, "PATIENCE_S", 1)  # answers that cannot be read are asked for again
    with hostile_wiki(parse=parse) as wiki, framed(tmp_path, wiki) as frame:
        try:
            told = frame()[0]
        except EnvironmentFailed as error:
            told = str(error)
    assert told.startswith("<!DOCTYPE html>") or "\n" not in told


@pytest.mark.parametrize(
    ("address", "origin"),
    [
        ("https://Wiki.Example/w/api.php", "https://wiki.example"),
        ("http://127.0.0.1:8765/api.php", "http://127.0.0.1:8765"),
        ("http://[::1]:80/api.php", "http://[::1]:80"),
        ("https://b\u00fccher.example/w/api.php", "https://xn--bcher-kva.example"),
        ("https://user:secret@wiki.example/", "https://wiki.example"),
    ],
)
def test_origin_is_what_a_policy_can_name(address: str, origin: str) -> None:
    assert origin_of(address) == origin


@pytest.mark.parametrize(
    "address",
    [
        "https://a;script-src *", "https://a b/", "https://a'b/", "https://*/", "https://a,b/", 'https://a"/', "//a/",
        "https://", "javascript:alert(1)", "https://a:99999/", "https://[x/", "https://" + "\u00fc" * 99 + ".example/",
        "https://..", "https://*.example/", "data://x/",
    ],
)  # fmt: skip
def test_what_is_no_origin_is_refused(address: str) -> None:
    with pytest.raises(EnvironmentFailed, match="has no host that a page could be shown from"):
        origin_of(address)


@pytest.mark.parametrize("base", BASES, ids=repr)
def test_an_address_stays_within_its_origin(base: str) -> None:
    found = within_origin("https://a.example", base)
    assert re.fullmatch(r"https://a\.example/([A-Za-z0-9._~/%:@!$&()*+,=-][A-Za-z0-9._~/%:@!$&()*+,=-]*)?", found)
    assert not found.startswith("https://a.example//")


def test_a_wikis_scripts_run_nowhere(browser: Browser, tmp_path: Path) -> None:
    (tmp_path / "inga.txt").write_text(DOUBTFUL, "utf-8")
    name = "x/'\"><script>alert(18)</script>"
    with ExitStack() as stack:
        wiki = stack.enter_context(hostile_wiki(BASES[3]))
        config = f'[wikis.{json.dumps(name)}]\napi = "{wiki}/api.php"\nstate = "{tmp_path}/state.db"\n'
        rule = '[[infobox]]\ntemplate = "<script>alert(19)</script>"\ntitle = "Inga*"\n'
        (tmp_path / "plainwiki.toml").write_text(rule + config, "utf-8")
        address = stack.enter_context(previewing(tmp_path, "inga.txt", "--wiki", name))
        context = stack.enter_context(browser.new_context())
        page = context.new_page()
        dialogs: list[str] = []

        def said(dialog: Dialog) -> None:
            dialogs.append(dialog.message)
            dialog.dismiss()

        page.on("dialog", said)
        page.goto(address)
        page.get_by_role("link", name="Inga Holm").click()
        page.locator("#panes[data-count]").wait_for()
        for view in ("Difference", "On the wiki"):
            page.get_by_role("button", name=view).click()
            until_loaded(page)
        page.frame_locator(".frame").get_by_role("heading", name="Inga Holm").wait_for()
        # Alone in a window it can do as little.
        page.goto(f"{page.url.partition('?')[0]}/frame")
        page.get_by_role("heading", name="Inga Holm").wait_for()
        page.wait_for_timeout(500)
        with urlopen(f"{wiki}/asked") as asked:
            assert (json.loads(asked.read()), dialogs) == ([], [])
