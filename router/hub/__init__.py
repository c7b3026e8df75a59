"""Knows who is on the wire, what they may ask and what they may see."""
