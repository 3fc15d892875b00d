"""What a real MediaWiki makes of what we write."""
