"""What happens when the world fails: disks, processes, networks."""
