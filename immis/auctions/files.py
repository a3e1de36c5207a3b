"""Files of auctions: kept as all files of the office are (``core.files``)."""

from immis.core.files import keep_file, path_of, type_of, write_whole

__all__ = ["keep_file", "path_of", "type_of", "write_whole"]
