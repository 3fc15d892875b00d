"""Finds the API of a wiki from any address of the wiki: people know its pages, not its api.php.

https://en.wikipedia.org/wiki/Islay    https://en.wikipedia.org/w/api.php    localhost:8080
"""

from __future__ import annotations

from urllib.parse import urljoin

from convert.errors import EnvironmentFailed, UsageError
from convert.expressions import expression
from convert.upload.client.api import NoApi, Remark, unheard
from convert.upload.client.decoding import LITTLE_BYTES, Misshapen, names_of
from convert.upload.client.front.addresses import Address, parsed
from convert.upload.client.front.failures import Late, Lost, Unsent
from convert.upload.client.front.http_options import HttpOptions
from convert.upload.client.front.notices import without_notices
from convert.upload.client.front.redirects import moved
from convert.upload.client.front.signs import EDIT_URI
from convert.upload.client.transport import Answer, Redirected, TooLarge, Transport

_TIMEOUT_S, _SCHEME_TIMEOUT_S = 30, 10
#: The end of a page's address: what follows the folder of the scripts or of the pages.
_OF_PAGE = expression(r"/(?:index\.php|wiki)(?:/.*)?$|/$")
_ASKED = {"action": "query", "meta": "siteinfo", "format": "json", "formatversion": "2"}


def api_of(
    address: str, options: HttpOptions = HttpOptions(), plain_http: bool = False, remark: Remark = unheard
) -> str:
    """Find the address of a wiki's ``api.php``; an address that names a script is returned without a request.

    Tries the usual places on that host, at most three, and the page that is named, without an account.  Raises
    UsageError for an impossible address, and EnvironmentFailed where there is no API, with the likeliest reason.
    """
    given = schemed(parsed(address), options, remark)
    script = given.path.rpartition("/")[2]
    if script.endswith(".php") and script != "index.php":
        return given.url
    return _Search(given, options, plain_http).found()


def schemed(address: Address, options: HttpOptions, remark: Remark) -> Address:
    """Complete an address that was given without a scheme, by what answers there; nothing secret is sent."""
    if address.scheme:
        return address
    # A wiki on this machine rarely speaks TLS, any other should.
    order = ("http", "https") if address.is_loopback else ("https", "http")
    errors: list[Exception] = []
    for scheme in order:
        tried = address._replace(scheme=scheme)
        try:
            if _speaks(tried, options):
                if scheme == "http":
                    remark(
                        f"{address.netloc} was given without http:// or https://: {tried.origin} answers, and is used"
                    )
                return tried
        except (Unsent, Lost, EnvironmentFailed) as error:
            errors.append(error)
    first = next((error for error in errors if isinstance(error, EnvironmentFailed)), errors[0] if errors else None)
    both = f"neither {order[0]}:// nor {order[1]}:// answers at {address.netloc}"
    raise EnvironmentFailed(f"{both}: {first}: check the address and the network")


def _speaks(address: Address, options: HttpOptions) -> bool:
    # No name, password or header goes out before it is known where to.
    bare = HttpOptions(ca_file=options.ca_file, client_cert=options.client_cert, client_key=options.client_key,
                       client_key_password=options.client_key_password)  # fmt: skip
    transport = Transport(address.url, 1, _SCHEME_TIMEOUT_S, plain_http=True, options=bare)
    try:
        answer = transport.post(_ASKED, {}, LITTLE_BYTES)
    except (Redirected, TooLarge):
        return True
    finally:
        transport.close()
    stranger = transport.stranger(answer)
    return stranger is None or "port speaks TLS" not in stranger.sign.what


class _Search:
    """The search for an API from an address of the wiki."""

    def __init__(self, given: Address, options: HttpOptions, plain_http: bool) -> None:
        self._given = given
        self._options = options
        self._statuses: set[int] = set()
        # A request without secrets needs no encryption.
        self._plain_http = plain_http or not options.has_secrets
        folder = _OF_PAGE.sub("", given.path)
        self.places = [given._replace(path=f"{path}/api.php") for path in dict.fromkeys((folder, "/w", ""))]

    def found(self) -> str:
        """Return the first place with an API."""
        reasons: list[EnvironmentFailed | None] = []
        for place in self.places:
            answers, reason = self._asked(place)
            if answers:
                return place.url
            reasons.append(reason)
        if named := self._named_by_page():
            return named
        raise self._failure(reasons)

    def _asked(self, place: Address) -> tuple[bool, EnvironmentFailed | None]:
        """Return whether there is an API, and why not, if that can be told."""
        transport = self._transport(place)
        try:
            answer = transport.post(_ASKED, {}, LITTLE_BYTES)
            if is_api(answer):
                return True, None
            self._statuses.add(answer.status)
            stranger = transport.stranger(answer)
            told = NoApi(stranger.told(transport.host)) if stranger and answer.status not in (404, 410) else None
            return False, told
        except Unsent as unsent:
            raise EnvironmentFailed(f"{unsent}: check the address and the network") from None
        except Redirected as redirect:
            return False, self._redirected(redirect, place)
        except Late as late:
            # It would be waited for at the other places, too.
            raise EnvironmentFailed(f"{late}: check the address, and what runs there") from None
        except Lost as lost:
            return False, EnvironmentFailed(f"{lost}: check the address, and what runs there")
        except (TooLarge, Misshapen):
            return False, None
        finally:
            transport.close()

    def _redirected(self, redirect: Redirected, place: Address) -> EnvironmentFailed:
        """Tell which address to give instead: that which was given, as the redirect changes it."""
        to = redirect.to
        if to is None or to.path != place.path:
            return redirect
        instead = self._given._replace(scheme=to.scheme, host=to.host, port=to.port)
        head = f"{self._given.url} redirects to {to.origin}, where nothing was sent"
        return Redirected(f"{head}: {moved(place, to)}: write {instead.url}", to)

    def _named_by_page(self) -> str:
        """Return the address of the API that the page at the given address names, on the same host."""
        transport = self._transport(self._given)
        try:
            page = transport.post(_ASKED, {}, LITTLE_BYTES).body
            found = EDIT_URI.search(page.decode("utf-8", "replace"))
            place = parsed(urljoin(self._given.url, found[1])) if found else None
        except (Unsent, Lost, TooLarge, EnvironmentFailed, UsageError, ValueError):
            return ""
        finally:
            transport.close()
        if place is None or place.origin != self._given.origin or place in self.places:
            return ""
        return place.url if self._asked(place)[0] else ""

    def _failure(self, reasons: list[EnvironmentFailed | None]) -> EnvironmentFailed:
        known = [reason for reason in reasons if reason]
        # The same answer everywhere comes from what stands in front, and not from a place.
        if len(known) == len(reasons) and len({type(reason) for reason in known}) == 1:
            return known[0]
        places = " or ".join(place.url for place in self.places)
        statuses = ", ".join(map(str, sorted(self._statuses)))
        answered = f" (HTTP status {statuses})" if statuses else ""
        why = f" ({known[0]})" if known else ""
        return EnvironmentFailed(f"no wiki's API is at {places}{answered}: give the address of its api.php{why}")

    def _transport(self, place: Address) -> Transport:
        return Transport(place.url, 1, _TIMEOUT_S, self._plain_http, self._options)


def is_api(answer: Answer) -> bool:
    """Return whether the API of a wiki gave an answer; raises Misshapen where that is nested too deep."""
    names = names_of(answer.body)
    if not names and (noisy := without_notices(answer.body)):
        names = names_of(noisy.content)
    # A private wiki refuses with an API error, which also shows that it is an API.
    return not names.isdisjoint(("query", "error"))
