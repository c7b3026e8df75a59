"""Detectors: one file for each family of values, each reading normalised text."""
