"""Makes decisions durable and ordered, and stops a writer that may no longer write."""
