-- Who drives by night: vehicles by ghat, with nights on the road, kilometres, loads that left, and those without a pass.
-- A night is named by the day on which it begins. Which steps count as way, and how long before its pass a load may leave, says MOV-29.
WITH fixes AS (
  SELECT DISTINCT imei, vehicle, at_s, lat, lon FROM positions WHERE at_s >= {from_s} AND at_s < {to_s}
),
steps AS (
  SELECT vehicle, at_s, lat, lon,
    LAG(at_s) OVER (PARTITION BY imei ORDER BY at_s, lat, lon) AS at_0,
    LAG(lat) OVER (PARTITION BY imei ORDER BY at_s, lat, lon) AS lat_0,
    LAG(lon) OVER (PARTITION BY imei ORDER BY at_s, lat, lon) AS lon_0
  FROM fixes
),
moved AS (
  SELECT vehicle, at_s - at_0 AS took_s,
    CAST(FLOOR((at_s + 19800 - 60 * {until_minute}) / 86400.0) AS BIGINT) AS night,
    CAST(FLOOR((at_s + 19800) / 60.0) AS BIGINT) - 1440 * CAST(FLOOR((at_s + 19800) / 86400.0) AS BIGINT) AS minute,
    111.195 * SQRT(POWER(lat - lat_0, 2) + POWER((lon - lon_0) * COS(RADIANS(lat)), 2)) AS km
  FROM steps WHERE at_0 IS NOT NULL
),
driven AS (
  SELECT vehicle, COUNT(DISTINCT night) AS nights, SUM(km) AS km FROM moved
  WHERE (minute >= {since_minute} OR minute < {until_minute})
    AND took_s > 0 AND took_s <= {step_s} AND km > {least_step_km} AND km * 3600.0 <= {step_kmh} * took_s
  GROUP BY vehicle
),
loads AS (
  SELECT trip, vehicle, ghat, left_s,
    CAST(FLOOR((left_s + 19800) / 60.0) AS BIGINT) - 1440 * CAST(FLOOR((left_s + 19800) / 86400.0) AS BIGINT) AS minute
  FROM trips WHERE left_s >= {from_s} AND left_s < {to_s}
),
by_night AS (
  SELECT trip, vehicle, ghat, left_s FROM loads WHERE minute >= {since_minute} OR minute < {until_minute}
),
covered AS (
  SELECT DISTINCT n.trip AS trip FROM by_night n JOIN passes p ON n.vehicle = p.vehicle AND n.ghat = p.ghat
  WHERE p.issued_s <= n.left_s + {pass_grace_s} AND n.left_s <= p.valid_s AND p.state <> 'cancelled'
),
counted AS (
  SELECT n.vehicle AS vehicle, n.ghat AS ghat, COUNT(*) AS loads, COUNT(c.trip) AS with_pass
  FROM by_night n LEFT JOIN covered c ON n.trip = c.trip GROUP BY n.vehicle, n.ghat
)
SELECT d.vehicle AS vehicle, COALESCE(c.ghat, '') AS ghat, d.nights AS nights, ROUND(d.km, 1) AS km,
  COALESCE(c.loads, 0) AS loads, COALESCE(c.loads, 0) - COALESCE(c.with_pass, 0) AS without_pass
FROM driven d LEFT JOIN counted c ON d.vehicle = c.vehicle
ORDER BY without_pass DESC, loads DESC, km DESC, vehicle, ghat
