"""What pages are recognized by that are not a wiki's: headers, words, addresses.

Each sign names who answered, as what follows "HOST answers with", and what to do.  The first that fits counts, so the
certain ones stand before those that are only likely.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from convert.expressions import expression

_ALLOW = (
    "ask who runs it to let this client pass: by its address, by its User-Agent, or by a header (PLAINWIKI_HEADERS)"
)
_BROWSERS = "which only a browser passes"


class Sign(NamedTuple):
    """A sign of somebody who answers instead of the wiki; ``passing``: it may be gone a moment later."""

    what: str
    remedy: str
    passing: bool = False


#: Header, pattern of its value, sign.
HEADERS: tuple[tuple[str, re.Pattern[str], Sign], ...] = tuple(
    (name, expression(pattern, re.IGNORECASE), Sign(what, remedy))
    for name, pattern, what, remedy in (
        ("cf-mitigated", "challenge", f"Cloudflare's check for browsers, {_BROWSERS}", _ALLOW),
        ("x-amzn-waf-action", "captcha|challenge", f"a check for browsers of AWS WAF, {_BROWSERS}", _ALLOW),
        ("x-sucuri-block", ".", "a refusal of Sucuri's firewall", _ALLOW),
        ("x-datadome", ".", f"a check for browsers of DataDome, {_BROWSERS}", _ALLOW),
    )
)

#: Words of a page, with any status but a success of the API.
PAGES: tuple[tuple[re.Pattern[str], Sign], ...] = tuple(
    (expression(pattern, re.IGNORECASE), Sign(what, remedy, passing))
    for pattern, what, remedy, passing in (
        (
            r"challenge-platform|cf-chl-|_cf_chl_opt|<title>Just a moment\.\.\.|cf-browser-verification",
            f"Cloudflare's check for browsers, {_BROWSERS}", _ALLOW, False,
        ),
        (
            r"<title>Attention Required! \| Cloudflare|cf-error-details|error code: 10\d\d",
            "a refusal of Cloudflare's firewall", _ALLOW, False,
        ),
        (r"anubis_challenge|/\.within\.website/x/cmd/anubis|Making sure you(?:&#39;|')re not a bot",
         f"a check for browsers (Anubis), {_BROWSERS}", _ALLOW, False),
        (r"_Incapsula_Resource|Incapsula incident ID", "a refusal of Imperva's firewall", _ALLOW, False),
        (r"Sucuri WebSite Firewall", "a refusal of Sucuri's firewall", _ALLOW, False),
        (r"ddos-guard", f"a check for browsers of DDoS-Guard, {_BROWSERS}", _ALLOW, False),
        (r"errors\.edgesuite\.net|Reference&#32;&#35;|AkamaiGHost", "a refusal of Akamai's firewall", _ALLOW, False),
        (r"mod_security|ModSecurity|Not Acceptable!|The requested URL was rejected\. Please consult",
         "a refusal of a web application firewall", _ALLOW, False),
        (r"g-recaptcha|h-captcha|hcaptcha\.com|cf-turnstile", "a captcha, which a person must solve", _ALLOW, False),
        (r"No required SSL certificate was sent|SSL certificate error|client certificate (?:is )?required",
         "a demand for a client certificate",
         "name yours with --client-cert, client-cert in [wikis.NAME] or PLAINWIKI_CLIENT_CERT", False),
        (r"plain HTTP request was sent to HTTPS port|speaking plain HTTP to an SSL-enabled|"
         r"HTTP request to an HTTPS server",
         "'this port speaks TLS'", "give the address with https://", False),
        (r"MediaWiki API is not enabled", "'the API is not enabled'", "set $wgEnableAPI = true on the wiki", False),
        (r"MediaWiki [\d.]+ internal error|MediaWiki internal error|Sorry! This site is experiencing technical "
         r"difficulties|Cannot access the database|\(Cannot contact the database server",
         "an error page of MediaWiki itself", "look at the wiki's own log: its database may be down", True),
        (r"LocalSettings\.php not found|The wiki has not been set up|mw-config/index\.php",
         "the installer of MediaWiki", "the wiki has not been set up: finish its installation", False),
        (r"MediaWiki (?:[\d.]+ )?(?:requires|needs) (?:at least )?PHP|composer(?:\.phar)? (?:install|update)",
         "an error page of MediaWiki itself", "its PHP or its libraries do not fit it: tell who runs it", False),
        (r"Fatal error(?:</b>)?: ", "an error of PHP", "look at the log of the web server", True),
        (r"\A\s*<\?php", "the program text of a script", "PHP does not run there: repair the web server", False),
        (r"<title>Index of /|Directory listing for /", "a list of files", "give the address of api.php itself", False),
        (r"Welcome to nginx!|Apache2? (?:\w+ )*Default Page|It works!|<title>IIS Windows|Test Page for the|"
         r"Welcome to CentOS|This is the default (?:welcome )?page",
         "the first page of a new web server", "the wiki is not at this name or port: look at the address", False),
        (r"domain (?:is|may be) for sale|parked (?:free|domain)|sedoparking|buy this domain",
         "a page of a seller of domains", "look at the address", False),
        (r"captive ?portal|hotspot|sign in (?:for|to)(?: use)? (?:the |our )?(?:internet|network|wi-?fi)|"
         r"log ?in to (?:the |this |our )?(?:network|wi-?fi)|(?:internet|wi-?fi) access.{0,40}terms of (?:use|service)",
         "a sign-in page of the network (captive portal)", "open a page in a browser, and sign in there", False),
    )
)  # fmt: skip

#: A page of a wiki, which is not its API.
WIKI_PAGE = expression(r"""<meta name=["']generator["'] content=["']MediaWiki|<body class=["'][^"']*\bmediawiki\b""")
EDIT_URI = expression(r"""<link rel=["']EditURI["'][^>]*\bhref=["']([^"']{1,300}?api\.php)""")
TITLE = expression(r"<title[^>]*>([^<]{1,300})", re.IGNORECASE)
PASSWORD_FIELD = expression(r"""<input[^>]*\btype=["']?password\b""", re.IGNORECASE)
MAINTENANCE = expression(
    r"\bmaintenance\b|wartung|back soon|be right back|scheduled downtime|temporarily (?:down|offline|unavailable)|"
    r"mantenimiento|manutenzione|onderhoud|обслуживани|メンテナンス|维护",
    re.IGNORECASE,
)

_SERVICES = (
    (r"(?:^|\.)cloudflareaccess\.com|/cdn-cgi/access/", "Cloudflare Access"),
    (r"^login\.(?:microsoftonline|live)\.|^login\.windows\.net", "the sign-in of Microsoft (SSO)"),
    (r"^accounts\.google\.com", "the sign-in of Google (SSO)"),
    (r"\.okta(?:preview|-emea)?\.com/", "the sign-in of Okta (SSO)"),
    (r"\.auth0\.com/", "the sign-in of Auth0 (SSO)"),
    (r"\.onelogin\.com/", "the sign-in of OneLogin (SSO)"),
    (r"/oauth2/(?:start|sign_in)", "oauth2-proxy, a page to sign in at (SSO)"),
    (r"/realms/[^/]+/protocol/", "Keycloak, a page to sign in at (SSO)"),
    (r"/adfs/ls", "AD FS, a page to sign in at (SSO)"),
    (r"/idp/(?:profile|startsso)|shibboleth|/simplesaml", "a page to sign in at (SAML, SSO)"),
    (r"^github\.com/login|^gitlab\.[^/]+/users/sign_in", "the sign-in of a code forge (SSO)"),
)
_COMPILED = tuple((expression(pattern, re.IGNORECASE), name) for pattern, name in _SERVICES)


def sign_in_service(place: str) -> str:
    """Return the name of the service for signing in at a host and path; empty for any other place."""
    return next((name for pattern, name in _COMPILED if pattern.search(place)), "")
