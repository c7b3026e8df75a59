"""The rules of the shard room."""
