"""The server of the preview, without and with a browser."""
