"""The engineering tolerances of the gateway, in one place.

They say how the process works (how often, how much at once, how long it waits), never what counts against
anybody: that stands in ``immis/policy`` and reaches the gateway in the snapshot (``rules/movement/readings.py``).
"""

FLUSH_EVERY_S = 0.1  # group fsync of the raw log, and how often a link is read
READ_BYTES = 65_536  # at most this much of one link at a time
HEAVY_BYTES = 16_384  # a link that brings so much at once replays its memory: the live ones go before it
HEAVY_ROOM_BYTES = 2 * 1024 * 1024  # while more than this waits to be worked through, such links are not read
COMMIT_EVERY_S = 0.5  # Parquet segment + one SQLite transaction
URGENT_COMMIT_EVERY_S = 0.05  # the same where something urgent is to be told
COMMIT_ROWS = 100_000
COMMIT_SHARE = 4.0  # a commit that took a while is followed by at least this many times as long without one
URGENT_COMMIT_SHARE = 1.5  # the same where something urgent is to be told
COLUMNS_FROM = 64  # reads: fewer are sooner worked through one by one than column by column
ROUND_FROM = 16  # devices with a further packet in one batch: fewer are followed one by one
SNAPSHOT_EVERY_S = 0.5
COMPACT_EVERY_S = 5.0
COMPACT_FILES = 40  # a day folder with more small segments than this has them merged
COMPACT_BELOW_BYTES = 1024 * 1024  # larger segments are left to the hourly compaction
COMPACT_AT_ONCE_BYTES = 3 * 512 * 1024  # so that live work does not wait for long, and little memory is taken
COMPACT_DAYS_EVERY_S = 3600.0  # each day sorted by device and time, in a process of its own
COMPACTED_ROWS = 200_000  # of one compacted file at most, unless one device has more; its memory goes with it
RETIRE_EVENTS_AT_ONCE = 500  # in one transaction
RAW_SEGMENT_BYTES = 64 * 1024 * 1024
RESTART_AFTER_S = 1.0  # a worker that dies sooner than this is not started again at once
BACKLOG_BYTES = 64 * 1024 * 1024  # logged but not decoded: above it, sockets are not read

FRAME_CAP_BYTES = 4096
BATCH_CAP_BYTES = 16 * 1024
HELD_S = 0.3  # a frame that ends in "*" waits this long for a checksum behind it
SILENCE_S = 3.0  # an incomplete frame is delivered as unterminated after this

ASIDE_REST_S = 5.0  # the process beside the worker ends when it has had nothing to do for so long
ASIDE_AGAIN_S = 20.0  # where it died over its work, so long until it is asked again

STALL_S = 20.0  # a dollar frame has an end or a next one: a link may stall in the middle of it for this long

FIRST_FRAME_S = 30.0  # a link that has sent nothing of a device by then is closed
LINKS_MOST = 200_000  # and never more than the files this user may open, less those kept free
FILES_KEPT_FREE = 48  # log, listener, pipes to the worker
LINKS_AN_ADDRESS = 20_000  # an operator's gateway may stand before a whole fleet
SILENT_AN_ADDRESS = 500  # of them such as have sent nothing yet
SILENT_YOUNG_S = 2.0  # after a restart all come at once: so young a silent link is not counted against its address
NOISE_FIRST_BYTES = 4096  # without fifteen digits, from the first byte on: no device
NOISE_LOOK_BYTES = 16_384  # behind its first frame: from so much without fifteen digits on each read is looked at
NOISE_MOST_BYTES = 256 * 1024  # so much without them is no device any more
FLOOD_QUIET_S = 600.0  # a flood that has brought nothing more for so long is over
FLOOD_NAMES = 50  # IMEIs that an event of a flood names
FLOOD_SOURCES = 20_000  # addresses and devices that are counted at once
FLOOD_LOOK_S = 5.0
DOOR_TELLS_S = 2.0  # how often what was turned away is counted into the gateway's counters

ON_LINE_S = 900  # a device heard within this may still be reached over its last link
COMMAND_AGAIN_S = 60
COMMAND_TRIES = 3

TRANSPORT_S = 10  # real seconds a packet may be under way, where the shared clock runs fast
AHEAD_S = 300  # device time this far ahead of arrival: not believed until its zone is learned
ZONE_SAMPLES = 10
ZONE_SLACK_S = 300
IST_OFFSET_S = 19_800
LATEST_YEAR = 2099  # a clock that says more is broken
OLDEST_YEAR = 2010  # before AIS-140 existed: GNSS week rollover or an unset clock

AMEND_AFTER_S = 20  # real seconds without further history: then it is worked in
AMEND_AT_ONCE = 20  # devices whose long history is asked for together
AMEND_HERE_S = 3 * 3600  # history no older than this is gone over in the worker itself: some hundred rows
AMEND_SHARE = 19.0  # that takes at most a twentieth of its time
AMEND_BACK_S = 7200  # the way is gone again from this long before the history
AMEND_WARM_UP_S = 2400  # of which this much only finds out how things stood
AMEND_MOST_S = 7 * 86_400  # a trip longer than this is not gone again from its start

RECENT_KEYS = 64  # duplicates recognised per device before they reach the state machines

LOOK_EVERY_S = 60.0  # how often a device's stream is looked at for signs of forgery, in its own time
LOOKS = 10

CLUSTER_PIECE_BYTES = 512 * 1024  # of one message; a server takes a megabyte unless told otherwise
CLUSTER_TAKE_BYTES = 16 * 1024 * 1024
CLUSTER_HOLD_S = 2.0  # a connection whose device is not known yet waits this long for its IMEI
CLUSTER_HOLD_BYTES = 4096
CLUSTER_BEAT_S = 0.5  # a gateway with nothing to send says how late it is
CLUSTER_PUBLISH_S = 2.0  # real seconds a message may wait for its acknowledgement
CLUSTER_RETRY_S = 0.25
CLUSTER_FETCH = 64  # messages read at once
CLUSTER_LOCK_S = 30.0  # a partition that nobody has renewed for so long is taken over; longer than any failover
CLUSTER_COPY_SOON_S = 1.0  # the first copy of a partition that is worked anew
CLUSTER_COPY_S = 60.0  # how often a partition's state is copied into the cluster: so much is worked through once more
CLUSTER_KEEP_S = 7 * 86_400.0  # a partition may be away this long
CLUSTER_DUPLICATES_S = 600.0
CLUSTER_SPOOL_BYTES = 8 * 1024 * 1024 * 1024  # unpublished: above it, sockets are not read
