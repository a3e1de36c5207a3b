"""Open data of auctions: OCDS 1.1 release packages and GeoJSON of lots, as files under ``$IMMIS_DATA/public``."""

from immis.auctions.opendata.package import ocds_path, release_package
from immis.auctions.opendata.publish import publish_changed

__all__ = ["ocds_path", "publish_changed", "release_package"]
