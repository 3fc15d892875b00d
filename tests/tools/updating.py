"""Infoboxes of real pages updated in one run, which is killed and has a fault on every tenth request.

``python -m tests.tools.updating pages.xml.bz2 --pages 500``: people's pages are imported into a wiki, articles change a
value in each and add one, and MediaWiki's own expansion says what became of them.  Nobody helps: the same command is
started again until it is done.  The exit status is 1 if a page has changed otherwise or twice, or if fewer than 95 %
were merged.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import time
from collections import Counter
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from convert.profile import WikiProfile
from convert.titles import WikiTitle, page_of
from convert.upload.merging.rows import SPACE, rows_of
from convert.upload.plan import kept
from convert.wikitext.scan import without_comments
from convert.writers import export
from tests.servers.proxy import Proxy, every
from tests.servers.wiki import APP, BOT, Wiki
from tests.support.commands import PROGRAM
from tests.tools.killing import FAULTS, finish, kill
from tests.tools.merging import LEAST_MERGED, changes_between, expanded, first_box, pages_of

NEW_KEY, NEW_NAME, VALUE = "Plain test parameter", "plain_test_parameter", "77"
_TOGETHER = 20


class Update(NamedTuple):
    """A page that people wrote, the name of a parameter there, and the article that changes it."""

    title: str
    text: str
    name: str
    article: str


def updates(dump: Path, count: int, chance: random.Random) -> list[Update]:
    """Choose pages with infoboxes, and write articles for them."""
    chosen = (update for title, text in pages_of(dump) if (update := _update(title, text, chance)))
    return list(islice(chosen, count))


def _update(title: str, text: str, chance: random.Random) -> Update | None:
    box, page = first_box(text), page_of(title, WikiProfile())
    assert box
    names = [without_comments(row.name or "").strip(SPACE) for row in rows_of(box) if row.said]
    names = [name for name, count in Counter(names).items() if count == 1 and name.replace("_", "").isalpha()]
    kind = without_comments(box.parts[0]).strip()
    if not names or not isinstance(page, WikiTitle) or page.namespace or page.title != title:
        return None
    if not kind.lower().startswith("infobox "):  # what articles call so
        return None
    name = chance.choice(names)
    article = f"= {title} =\n\n{kind}\n- {name}: {VALUE}\n- {NEW_KEY}: {VALUE}\n\nWords.\n"
    return Update(title, text, name, article)


def updated(wiki: Wiki, folder: Path, wanted: list[Update], kills: int, chance: random.Random) -> Counter[str]:
    """Upload the articles, killed and through faults, until it is done; return what became of the pages."""
    pages = [(page_of(each.title, WikiProfile()), each.text, "wikitext") for each in wanted]
    (folder / "people.xml").write_text(
        export.dump((page, text, model) for page, text, model in pages if isinstance(page, WikiTitle)), encoding="utf-8"
    )
    wiki.import_dump(folder / "people.xml", "--no-updates")
    before = wiki.current([each.title for each in wanted])
    (folder / "articles").mkdir()
    for number, each in enumerate(wanted):
        (folder / "articles" / f"{number}.txt").write_text(each.article, encoding="utf-8")
    with Proxy(wiki.address) as proxy:
        proxy.delay_s = 0.1
        proxy.faults = every(10, *FAULTS)
        command = [*PROGRAM, "upload", str(folder / "articles"), "--wiki", f"{proxy.address}/api.php", "--yes"]
        command += ["--user", f"{BOT}@{APP}", "--state", str(folder / "state.db"), "--log-format", "json"]
        command += ["--mode", "infobox", "--prefer", "ours", "--max-changes", "100"]
        for _ in range(kills):
            kill(command, folder, 5 + chance.random() * len(wanted) / 20)
        finish(command, folder, also=1)
    lines = (folder / "log").read_text(encoding="utf-8").splitlines()
    events = [json.loads(line) for line in lines if line.startswith('{"time"')]
    outcomes = Counter(
        f"{event['event']}: {event.get('why', '')[:90]}"
        for event in events
        if event["event"] in ("conflict", "refused")
    )
    return outcomes + _judged(wiki, wanted, {title: revision.text for title, revision in before.items()})


def _judged(wiki: Wiki, wanted: list[Update], before: dict[str, str]) -> Counter[str]:
    outcomes: Counter[str] = Counter()
    for start in range(0, len(wanted), _TOGETHER):
        some = wanted[start : start + _TOGETHER]
        histories = [wiki.revisions(each.title) for each in some]
        # A save trims the end of a text, and an import does not.
        old = expanded(wiki, [kept(before[each.title]) for each in some])
        new = expanded(wiki, [history[0].text for history in histories])
        for each, history, was, now in zip(some, histories, old, new, strict=True):
            changes = changes_between(was, now)
            ours = [revision for revision in history if revision.user == BOT]
            names = {change.name for change in changes} if not isinstance(changes, str) else {changes}
            if len(ours) > 1:
                outcomes[f"WRONG: written {len(ours)} times: {each.title}"] += 1
            elif not ours:
                outcomes["left" if not names else f"WRONG: {each.title}: {names} without an edit"] += 1
            elif len(names) == 2 and each.name in names and names & {NEW_NAME, NEW_KEY.lower()}:
                outcomes["merged"] += 1
            else:
                outcomes[f"WRONG: {each.title}: {names} instead of {each.name}"] += 1
    return outcomes


def main() -> int:
    """Do it, and print figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("dump", type=Path)
    parser.add_argument("--pages", type=int, default=500)
    parser.add_argument("--kills", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    chance, began = random.Random(asked.seed), time.monotonic()
    with tempfile.TemporaryDirectory() as folder, Wiki(Path(folder)) as wiki, tempfile.TemporaryDirectory() as own:
        wanted = updates(asked.dump, asked.pages, chance)
        outcomes = updated(wiki, Path(own), wanted, asked.kills, chance)
    for outcome, count in outcomes.most_common():
        print(f"{count:5,}  {outcome}")
    wrong = sum(count for outcome, count in outcomes.items() if outcome.startswith("WRONG"))
    share = outcomes["merged"] / len(wanted)
    print(f"{len(wanted)} pages, {share:.1%} merged, {wrong} wrong, {time.monotonic() - began:.0f} s")
    return 1 if wrong or share < LEAST_MERGED else 0


if __name__ == "__main__":
    sys.exit(main())
