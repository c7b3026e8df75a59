"""Tests of agents' readiness."""
