"""What stands between this machine and a wiki: proxies, TLS, passwords of the web server, pages of somebody else.

    addresses      an address that a person typed, checked before anything is asked
    http_options   HTTP Basic, headers, certificates: from the environment and the settings of a wiki
    proxies        HTTP_PROXY and its like
    tls            certificates that are trusted, and that are shown; errors explained
    connections    a pool of connections to a wiki, straight or by a proxy
    failures       why a request failed, and whether it may have arrived
    cookies        cookies of a session, and those that a browser would not keep
    redirects      where an address leads, and what to write instead
    strangers      who answered instead of the wiki: a page recognized by its status, headers and text
    signs          what such pages are recognized by
    notices        PHP's messages around an answer

Nothing here is told by a wiki: a wiki's own answers are read in ``convert.upload.client``.
"""

from convert.errors import UsageError

try:
    import urllib3  # noqa: F401
except ImportError:
    raise UsageError("uploading needs urllib3: pip install 'plainwiki[upload]'") from None
