"""Promises about what comes from strangers: secrets, planted files, messages, random attacks."""
