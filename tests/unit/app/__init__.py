"""How Frontdesk is configured, started and watched."""
