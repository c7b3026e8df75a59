"""Configures, starts and watches the program; the only room that picks an engine."""
