"""Writes the dashboards of the chart; `./dev docs` runs it."""

from ops.contact_center import CONTACT_CENTER
from ops.hub_and_engine import HUB_AND_ENGINE
from ops.masking import MASKING

DASHBOARDS = (CONTACT_CENTER, HUB_AND_ENGINE, MASKING)


def main() -> None:
    """Write all of them."""
    for dashboard in DASHBOARDS:
        dashboard.file.write_text(dashboard.written(), encoding="utf-8")


if __name__ == "__main__":
    main()
