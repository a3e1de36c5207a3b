"""Pages by audience. Nothing is decided here: pages ask selectors, call services and show what they answer."""

from pathlib import Path


def static_dir() -> Path:
    """Where style sheets, scripts, fonts and the river base lie."""
    return Path(__file__).resolve().parent / "static"
