-- Passes that no truck seems to have used: by ghat, how many, the most for one vehicle in a day, how many without a trip
-- from that ghat while they ran, and how many whose vehicle's device was never near the ghat (MOV-29).
WITH asked AS (
  SELECT number, vehicle, ghat, issued_s, valid_s,
    CAST(FLOOR((issued_s + 19800) / 86400.0) AS BIGINT) AS day_no
  FROM passes WHERE issued_s >= {from_s} AND issued_s < {to_s} AND state <> 'cancelled'
),
a_day AS (SELECT ghat, vehicle, day_no, COUNT(*) AS n FROM asked GROUP BY ghat, vehicle, day_no),
most AS (SELECT ghat, MAX(n) AS most_a_day FROM a_day GROUP BY ghat),
driven AS (
  SELECT DISTINCT a.number AS number FROM asked a JOIN trips t ON a.vehicle = t.vehicle AND a.ghat = t.ghat
  WHERE t.left_s >= a.issued_s - {pass_grace_s} AND t.left_s <= a.valid_s
),
looked_for AS (
  SELECT number, vehicle, ghat, issued_s, valid_s, day_no FROM asked
  UNION ALL
  SELECT number, vehicle, ghat, issued_s, valid_s, day_no + 1 FROM asked
  WHERE CAST(FLOOR((valid_s + 19800) / 86400.0) AS BIGINT) > day_no
),
fixes AS (
  SELECT vehicle, at_s, lat, lon, CAST(FLOOR((at_s + 19800) / 86400.0) AS BIGINT) AS day_no
  FROM positions WHERE at_s >= {from_s} AND at_s < {to_s} + 86400
),
near AS (
  SELECT DISTINCT l.number AS number
  FROM looked_for l JOIN ghats g ON l.ghat = g.ghat JOIN fixes f ON l.vehicle = f.vehicle AND l.day_no = f.day_no
  WHERE f.at_s >= l.issued_s - {before_pass_s} AND f.at_s <= l.valid_s
    AND ABS(f.lat - g.lat) * 111.195 <= {near_km} AND ABS(f.lon - g.lon) * COS(RADIANS(g.lat)) * 111.195 <= {near_km}
),
counted AS (
  SELECT a.ghat AS ghat, COUNT(*) AS passes, COUNT(DISTINCT a.vehicle) AS vehicles,
    COUNT(*) - COUNT(d.number) AS without_trip, COUNT(*) - COUNT(n.number) AS never_near
  FROM asked a LEFT JOIN driven d ON a.number = d.number LEFT JOIN near n ON a.number = n.number
  GROUP BY a.ghat
)
SELECT c.ghat AS ghat, c.passes AS passes, c.vehicles AS vehicles, m.most_a_day AS most_a_day,
  c.without_trip AS without_trip, c.never_near AS never_near, ROUND(CAST(c.never_near AS DOUBLE) * 100 / c.passes, 1) AS never_near_percent
FROM counted c JOIN most m ON c.ghat = m.ghat
ORDER BY never_near DESC, without_trip DESC, ghat
