"""What runs Frontdesk is made here from the code: tables of pages, and dashboards."""
