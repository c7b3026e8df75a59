"""Asks of a running Frontdesk, over real sockets, what its protocol promises."""
