"""Proves the rules of single rooms, without sockets or stores."""
