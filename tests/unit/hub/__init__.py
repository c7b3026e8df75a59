"""Rules of the hub."""
