"""Routes contacts to agents: the kernel decides, the shard keeps, the hub speaks, the app runs."""
