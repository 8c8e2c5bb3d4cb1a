"""Opening a page of ours in the user's browser."""

import os
import sys
import webbrowser

# One that has windows, or that the user names; without them Python would take a text browser, which shows none of it.
SIGNS = ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER")


def open_browser(address: str) -> None:
    """Open the address in a browser; nothing happens where there is none with windows, as on a remote machine."""
    if sys.platform != "linux" or any(os.environ.get(name) for name in SIGNS):
        webbrowser.open(address)
