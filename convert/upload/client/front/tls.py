"""Certificates that are trusted, and those that are shown; what errors of TLS mean.

Trusted are the system's authorities, or those that SSL_CERT_FILE and SSL_CERT_DIR name in their place, and in any case
those of REQUESTS_CA_BUNDLE, CURL_CA_BUNDLE and ``HttpOptions.ca_file``.  Verification cannot be switched off.
"""

from __future__ import annotations

import os
import ssl
from collections.abc import Iterator

from urllib3.util import create_urllib3_context

from convert.errors import UsageError
from convert.upload.client.front.http_options import CA_FILE, CLIENT_CERT, CLIENT_KEY, CLIENT_KEY_PASSWORD, HttpOptions

_FURTHER = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
_TRUST = f"if its authority is your own, name its certificate with --ca-file, ca-file in [wikis.NAME] or {CA_FILE}"
#: By OpenSSL's number of the error: what it means, and what to do.
_UNPROVED = {
    9: "its certificate is not valid yet: look at the clock of this machine",
    10: "its certificate has expired: tell who runs it, and look at the clock of this machine",
    18: f"it signed its certificate itself: {_TRUST}",
    19: f"its certificate is of an authority that nobody knows here: {_TRUST}",
    20: f"its certificate is of an authority that nobody knows here, or it leaves out one between: {_TRUST}",
    21: f"its certificate is of an authority that nobody knows here, or it leaves out one between: {_TRUST}",
    23: "its certificate was revoked: tell who runs it",
    62: "its certificate is for another name: give the address by that name",
    64: "its certificate is for another address: give the address by the name that it is for",
}
#: What OpenSSL says of other failures, and what it means.  The first that occurs counts.
_REASONS = (
    (
        ("wrong version number", "unknown protocol", "http request", "record layer failure", "packet length too long"),
        "does not speak TLS at that port: give the address with http://, or another port",
    ),
    (
        ("certificate required", "no certificate", "bad certificate", "handshake failure", "unknown ca"),
        "ends the connection where a client shows its certificate: name yours with --client-cert, client-cert in "
        f"[wikis.NAME] or {CLIENT_CERT}; if you did, it is not accepted",
    ),
    (
        ("unsupported protocol", "protocol version", "no protocols available", "too small", "no shared cipher",
         "unsafe legacy", "no ciphers", "insufficient security"),
        "offers no TLS that this machine takes for safe: it must be updated",
    ),
    (("unrecognized name",), "has no certificate for that name: look at the address"),
)  # fmt: skip


def context(options: HttpOptions) -> ssl.SSLContext:
    """Make the context of connections.  Raises UsageError for a file that has no certificates."""
    made = create_urllib3_context()
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR"):
        path = os.environ.get(name)
        if path and not os.path.exists(path):
            raise UsageError(f"{name} names {path}, where nothing is: correct it")
    made.load_default_certs()
    for name, path in _authorities(options):
        try:
            made.load_verify_locations(
                cafile=None if os.path.isdir(path) else path, capath=path if os.path.isdir(path) else None
            )
        except OSError as error:
            raise UsageError(f"{name}: no certificates can be read from {path}: {_of(error)}") from None
    if options.client_cert:
        _show(made, options)
    elif options.client_key:
        raise UsageError(f"there is a key and no certificate: name it with --client-cert or {CLIENT_CERT}")
    return made


def _authorities(options: HttpOptions) -> Iterator[tuple[str, str]]:
    yield from ((name, os.environ[name]) for name in _FURTHER if os.environ.get(name))
    if options.ca_file:
        yield "the file of authorities", os.path.expanduser(options.ca_file)


def _show(made: ssl.SSLContext, options: HttpOptions) -> None:
    """Load the certificate to show, and its key."""
    cert, key = (os.path.expanduser(path) for path in (options.client_cert, options.client_key))
    asked: list[bool] = []

    def password() -> str:
        # OpenSSL would ask at the terminal.
        asked.append(True)
        return options.client_key_password

    try:
        made.load_cert_chain(cert, key or None, password)
    except (OSError, ValueError) as error:
        if asked and not options.client_key_password:
            raise UsageError(f"the key of {cert} has a password: set {CLIENT_KEY_PASSWORD}") from None
        if asked:
            raise UsageError(f"{CLIENT_KEY_PASSWORD} is not the password of the key of {cert}") from None
        remedy = "" if key else f" (a key in a file of its own is named with --client-key or {CLIENT_KEY})"
        raise UsageError(f"no certificate and key can be read from {cert}: {_of(error)}{remedy}") from None


def _of(error: Exception) -> str:
    if isinstance(error, FileNotFoundError):
        return "one of the files is not there"
    reason = getattr(error, "reason", None) or getattr(error, "strerror", None)
    return str(reason or "it is no PEM file").lower().replace("_", " ")


def unproved(error: ssl.SSLCertVerificationError) -> str:
    """Tell why a certificate does not prove who a server is, and what to do."""
    meaning = _UNPROVED.get(error.verify_code, "look at its certificate")
    return f"{error.verify_message}: {meaning}"


def unspoken(error: BaseException) -> str:
    """Tell why no TLS was agreed on, as what the server does; empty where it may have been the network."""
    text = str(error).lower().replace("_", " ")
    return next((meaning for words, meaning in _REASONS if any(word in text for word in words)), "")
