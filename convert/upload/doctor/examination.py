"""All checks of a wiki in their order, up to the first that fails."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from convert.errors import UsageError
from convert.upload.client.api import Api, Waiting
from convert.upload.client.credentials import Credentials, Nobody
from convert.upload.client.etiquette import contact_wanted, is_wikimedia, page_of_account, user_agent
from convert.upload.client.front.addresses import Address
from convert.upload.client.front.http_options import HttpOptions
from convert.upload.client.session import Session
from convert.upload.client.transport import Answer, Transport
from convert.upload.doctor import account, site, way
from convert.upload.doctor.findings import CHECKS, Check, Failed, Finding, ok, warn

#: Short, because a person waits; what passes within it is no finding.
PATIENCE_S = 5
#: The largest request that is tried.
_LARGEST_PAGE = 4 << 20


@dataclass(frozen=True)
class Patient:
    """What is examined, and as whom."""

    address: str
    http: HttpOptions
    plain_http: bool
    #: Whose account is signed in to; empty with a token, or with nobody.
    login: str
    contact: str
    rate: float | None
    #: Raises UsageError where nothing secret may be sent to an origin.
    consent: Callable[[str], None]
    #: Returns the account whose secret may be sent to an origin, or raises UsageError.
    credentials: Callable[[str], Credentials]
    signs_in: bool
    #: Whether edits are to be marked as a bot's, and pages sent as dumps.
    bot: bool = False
    wants_import: bool = False


def examine(patient: Patient) -> Iterator[Finding]:
    """Yield what each check finds; after one that fails, those that were not tried."""
    tried: set[Check] = set()
    try:
        for finding in _examined(patient):
            tried.add(finding.check)
            yield finding
    except Failed as failed:
        tried.add(failed.finding.check)
        yield failed.finding
        yield from (
            Finding(check, "skip", f"not tried after {failed.finding.check}") for check in CHECKS if check not in tried
        )


def _examined(patient: Patient) -> Iterator[Finding]:
    parts, finding = way.address(patient.address)
    yield finding
    proxy, finding = way.proxy(parts)
    yield finding
    route = way.Way(parts, proxy)
    yield way.name(route)
    yield from way.connection(route)
    route, remarks = way.scheme(route, patient.http)
    yield from remarks
    yield way.tls(route, patient.http, patient.plain_http, patient.signs_in or patient.http.has_secrets)
    contact = patient.contact or page_of_account(patient.login.partition("@")[0], route.address.url)
    yield _agent(patient, contact, route.address)
    if patient.http.has_secrets:
        _consented(patient, route.address)
    said: list[str] = []
    api_url, answer, found = way.answer(route, patient.http, patient.plain_http, said.append)
    yield from found
    transport = Transport(api_url, 1, way.ANSWER_S, _unencrypted(patient), patient.http)
    transport.identify(user_agent(contact))
    api = Api(transport, PATIENCE_S, _untold, said.append, patient.rate or 0)
    try:
        yield from _of_wiki(patient, api, answer, said)
    finally:
        api.close()


def _of_wiki(patient: Patient, api: Api, answer: Answer, said: list[str]) -> Iterator[Finding]:
    about = site.about(Session(api, Nobody(), {}))
    yield from (warn("answer", text) for text in said)
    if about:
        yield from _of_site(about, api, answer)
    who = _account(patient, api.transport.address) if patient.signs_in else Nobody()
    session = Session(api, who, {})
    yield from account.sign_in(api, session, who)
    if about is None:
        about = site.about(session)
        if about is None:
            raise Failed("wiki", "it is for members: name an account with --user, or ask for the right to read it")
        yield from _of_site(about, api, answer)
    if session.user:
        yield account.session_holds(api, session)
    user, found = account.rights(session, patient.bot)
    yield from found
    if session.user:
        yield ok("token", "a token for edits (CSRF) was given")
    yield account.limits(user, patient.rate)
    yield from account.edit(session, about.has("ConfirmEdit"), user.rights)
    yield site.size(api, min(about.general.maxarticlesize, _LARGEST_PAGE))
    yield site.import_(about, frozenset(user.rights), patient.wants_import)


def _of_site(about: site.About, api: Api, answer: Answer) -> Iterator[Finding]:
    yield from site.wiki(about, api.transport.address)
    yield site.clock(answer)
    yield from site.extensions(about)


def _consented(patient: Patient, address: Address) -> None:
    try:
        patient.consent(address.origin)
    except UsageError as error:
        raise Failed("sign-in", error) from None


def _account(patient: Patient, address: Address) -> Credentials:
    try:
        return patient.credentials(address.origin)
    except UsageError as error:
        raise Failed("sign-in", error) from None


def _unencrypted(patient: Patient) -> bool:
    """Return whether requests may go unencrypted: those without secrets may."""
    return patient.plain_http or not (patient.signs_in or patient.http.has_secrets)


def _agent(patient: Patient, contact: str, address: Address) -> Finding:
    if is_wikimedia(address.url) and not patient.contact:
        return warn("agent", contact_wanted(address.host, contact))
    return ok("agent", user_agent(contact))


def _untold(waiting: Waiting) -> None:
    """Ignore a wait, which is short."""
