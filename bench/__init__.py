"""Repeatable measurements; `bench/README.md` says what was measured and how."""
