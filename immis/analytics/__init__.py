"""Questions over a month or more: one SQL text each, asked of the embedded engine or of a Spark cluster.

The texts under ``sql/`` keep to what both engines read alike. Tables:

- ``positions``: imei, vehicle, at_s, lat, lon (fixes; one packet may be there twice)
- ``passes``: number, vehicle, ghat, m3, issued_s, valid_s, state
- ``trips``: trip, vehicle, ghat, left_s, arrived_s, km
- ``ghats``: ghat, name_en, name_hi, district, lat, lon, permitted_m3
- ``volumes``: ghat, kind (weighed, surveyed, consumed), at_s, m3

Instants are seconds since 1970 UTC; India time is ``at_s + 19800``; day numbers count India's days since 1970.
"""
