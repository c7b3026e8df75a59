"""Asks a release whether it is ready and keeps its metrics on their own port: `helm test`."""

import sys
import urllib.error
import urllib.request


def status(address: str) -> int:
    """The HTTP status at an address.

    Raises:
        OSError: Nobody answers there.
    """
    try:
        with urllib.request.urlopen(address, timeout=10) as answer:  # noqa: S310 - http, from the chart
            return int(answer.status)
    except urllib.error.HTTPError as refused:
        return refused.code


def main(public: str, metrics: str) -> int:
    """Tell what each address answers; 0 when all do as they should."""
    expected = {
        f"{public}/readyz": 200,
        f"{public}/widget.js": 200,
        f"{public}/metrics": 404,
        f"{metrics}/metrics": 200,
    }
    found = {address: status(address) for address in expected}
    for address, code in found.items():
        sys.stdout.write(f"{address}: {code}, expected {expected[address]}\n")
    return 0 if found == expected else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
