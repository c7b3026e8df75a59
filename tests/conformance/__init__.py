"""The engine contract: one suite, run on every engine."""
