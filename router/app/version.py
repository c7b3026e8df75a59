"""Which release this is, as the installed distribution says."""

from importlib import metadata


def version() -> str:
    """Return the release, or that it runs without having been installed."""
    try:
        return metadata.version("frontdesk")
    except metadata.PackageNotFoundError:
        return "(not installed)"
