"""GeoJSON as an office hands it in: the list of its features. What each says is judged where it is saved."""

import json
from typing import Any


class GeojsonUnreadable(ValueError):
    """The file is no GeoJSON."""


def read_features(raw: bytes) -> list[Any]:
    """The features of a collection, or the one feature that a file is. Raises GeojsonUnreadable."""
    try:
        content = json.loads(raw.decode("utf-8-sig"))
        features = content["features"] if content["type"] == "FeatureCollection" else [content]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise GeojsonUnreadable("no GeoJSON") from error
    if not isinstance(features, list):
        raise GeojsonUnreadable("the features are no list")
    return features
