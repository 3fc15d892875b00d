"""Runs over many documents: engines, resume, sinks, reports."""
