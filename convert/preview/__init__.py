"""Articles as they will be, in the browser: pages are made when they are looked at, and nothing leaves this machine."""
