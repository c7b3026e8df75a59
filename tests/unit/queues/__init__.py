"""Checks of the room that knows who is next."""
