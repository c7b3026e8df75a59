"""What several suites lean on: real servers, real clients, builders and virtual time."""
