"""Servers for tests: a real MediaWiki, a browser, object stores, and fakes that misbehave."""
