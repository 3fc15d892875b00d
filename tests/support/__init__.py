"""Shared by tests: laws, Hypothesis strategies, fixtures, ways to run the command."""
