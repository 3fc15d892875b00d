"""What the client does about every error of the table, as a real wiki gives it (``tests.servers.causes``)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from fnmatch import fnmatchcase

import pytest

from convert.upload.client.answers import ANSWERS, Next
from convert.upload.client.api import Stopped
from convert.upload.client.credentials import Password
from convert.upload.client.pages import Edit, Refused, Saved
from convert.upload.client.wiki import Client
from tests.servers.causes import CAUSES, OPTIONS, Case, Way
from tests.servers.proxy import Proxy
from tests.servers.wiki import ADMIN, APP, APP_PASSWORD, EDITOR, Wiki

LOGIN = Password(f"{EDITOR}@{APP}", APP_PASSWORD)


@pytest.fixture(scope="module")
def way(wiki: Wiki) -> Iterator[Way]:
    """Give a client that is signed in, by a way on which requests can be changed."""
    with Proxy(wiki.address) as proxy:
        way = Way(wiki, proxy)
        with Client(f"{proxy.address}/api.php", LOGIN, tell=way.waited) as way.client:
            yield way


@pytest.mark.parametrize("code", ANSWERS)
def test_every_error_has_its_consequence(code: str, way: Way) -> None:
    case = Case(code, way)
    way.begin()
    with ExitStack() as ending, case.trouble:
        client = way.client
        if code in OPTIONS:
            signed_in = Client(f"{way.proxy.address}/api.php", LOGIN, OPTIONS[code], way.waited)
            client = ending.enter_context(signed_in)
        CAUSES[code](case)
        edit = Edit(case.title, case.text, "A test.", case.base, case.started)
        written = CONSEQUENCES[ANSWERS[code]](case, client, edit)
    revisions = [] if code in ("invalidtitle", "pagecannotexist") else way.wiki.revisions(case.title)
    assert [each.user for each in revisions if each.text == case.text] == [EDITOR] * written
    assert {each.user for each in revisions} <= {EDITOR, ADMIN, "Villain"}


def _saved_after_a_wait(case: Case, client: Client, edit: Edit) -> bool:
    assert isinstance(client.edit(edit), Saved)
    assert [each.code for each in case.way.waits] == [case.code]
    return True


def _saved(case: Case, client: Client, edit: Edit) -> bool:
    assert isinstance(client.edit(edit), Saved)
    assert not case.way.waits
    assert case.way.proxy.count("edit") == 2
    return True


def _refused(case: Case, client: Client, edit: Edit) -> bool:
    refused = client.edit(edit)
    assert isinstance(refused, Refused)
    assert fnmatchcase(refused.code, case.code)
    assert refused.reason
    assert refused.code == "captcha" or f'"{refused.code}"' in refused.raw
    assert case.way.proxy.count("edit") == 1 or ANSWERS[case.code] is Next.LOOK
    return False


def _looked_for(case: Case, client: Client, edit: Edit) -> bool:
    """What was damaged on its way is sent again; what breaks the wiki is not, for ever."""
    return _saved(case, client, edit) if case.code == "badmd5" else _refused(case, client, edit)


def _stopped(case: Case, client: Client, edit: Edit) -> bool:
    with pytest.raises(Stopped) as stopped:
        client.edit(edit)
    assert fnmatchcase(stopped.value.code, case.code)
    assert stopped.value.exit_status == 3
    assert case.way.proxy.count("edit") == 1
    return False


CONSEQUENCES = {
    Next.WAIT: _saved_after_a_wait,
    Next.LOOK: _looked_for,
    Next.RENEW: _saved,
    Next.SIGN_IN: _saved,
    Next.STOP: _stopped,
    Next.REFUSE: _refused,
}


def test_every_error_can_be_met() -> None:
    assert CAUSES.keys() == ANSWERS.keys()
