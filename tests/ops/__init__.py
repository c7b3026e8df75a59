"""Running it: metrics, dashboards, alerts, and the pages that are made from the code."""
