"""Proves what Frontdesk promises, one folder for each kind of proof."""
