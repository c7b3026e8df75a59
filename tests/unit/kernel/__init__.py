"""Tests of the rules that route contacts."""
