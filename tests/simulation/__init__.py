"""Seeded histories of a whole tenant on virtual time, with faults, and what must hold in them."""
