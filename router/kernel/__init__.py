"""Decides what happens to a contact, without clocks, sockets or any other input and output."""
