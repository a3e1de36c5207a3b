"""Live events: the public state of auction lots, and an office's alarms, as server-sent events, in a small process.

``GET /events/lots?codes=MUN-2026-01,MUN-2026-02`` sends ``event: lot`` with the
lot's public state when it changes (within a second) and ``event: clock`` with the
server's time every ten seconds. It reads the same selectors as the pages; nobody
learns more here than there. ``GET /events/alarms`` sends an officer who is signed in ``event: alarm`` for each
alarm of a vehicle that their post may see, as soon as the gateway has told it, and the last ones at the beginning.
``reader`` asks the database, ``hub`` and ``alarms`` know who follows what, ``server`` speaks HTTP.
"""

#: How many streams are open at most: 22 lots with 500 watchers each, and some.
MOST_WATCHERS = 12_000
