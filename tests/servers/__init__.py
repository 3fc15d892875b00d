"""What tests talk to: a real MediaWiki, a browser, object stores, and stand-ins that misbehave."""
