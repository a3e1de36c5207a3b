-- What a ghat may give, what passes say, what trucks drove, what bridges weighed, what surveys and consumers found.
-- Permitted is the year's quantity by days. A column is empty where nothing of its kind is recorded in the time asked.
WITH passed AS (
  SELECT ghat, SUM(m3) AS passes_m3 FROM passes
  WHERE issued_s >= {from_s} AND issued_s < {to_s} AND state <> 'cancelled' GROUP BY ghat
),
used AS (
  SELECT DISTINCT p.number AS number FROM passes p JOIN trips t ON p.vehicle = t.vehicle AND p.ghat = t.ghat
  WHERE p.issued_s >= {from_s} AND p.issued_s < {to_s} AND p.state <> 'cancelled'
    AND t.left_s >= p.issued_s - {pass_grace_s} AND t.left_s <= p.valid_s
),
driven AS (
  SELECT p.ghat AS ghat, SUM(p.m3) AS driven_m3 FROM passes p JOIN used u ON p.number = u.number GROUP BY p.ghat
),
measured AS (
  SELECT ghat,
    CASE WHEN COUNT(CASE WHEN kind = 'weighed' THEN 1 END) > 0
      THEN SUM(CASE WHEN kind = 'weighed' THEN m3 ELSE 0.0 END) END AS weighed_m3,
    CASE WHEN COUNT(CASE WHEN kind = 'surveyed' THEN 1 END) > 0
      THEN SUM(CASE WHEN kind = 'surveyed' THEN m3 ELSE 0.0 END) END AS surveyed_m3,
    CASE WHEN COUNT(CASE WHEN kind = 'consumed' THEN 1 END) > 0
      THEN SUM(CASE WHEN kind = 'consumed' THEN m3 ELSE 0.0 END) END AS consumed_m3
  FROM volumes WHERE at_s >= {from_s} AND at_s < {to_s} GROUP BY ghat
),
laid AS (
  SELECT g.ghat AS ghat, g.permitted_m3 * ({to_s} - {from_s}) / 31536000.0 AS permitted_m3, p.passes_m3 AS passes_m3,
    d.driven_m3 AS driven_m3, m.weighed_m3 AS weighed_m3, m.surveyed_m3 AS surveyed_m3, m.consumed_m3 AS consumed_m3
  FROM ghats g LEFT JOIN passed p ON g.ghat = p.ghat LEFT JOIN driven d ON g.ghat = d.ghat
    LEFT JOIN measured m ON g.ghat = m.ghat
)
SELECT ghat, ROUND(permitted_m3, 1) AS permitted_m3, ROUND(passes_m3, 1) AS passes_m3, ROUND(driven_m3, 1) AS driven_m3,
  ROUND(weighed_m3, 1) AS weighed_m3, ROUND(surveyed_m3, 1) AS surveyed_m3, ROUND(consumed_m3, 1) AS consumed_m3,
  ROUND(GREATEST(COALESCE(passes_m3, 0.0), COALESCE(driven_m3, 0.0), COALESCE(weighed_m3, 0.0), COALESCE(surveyed_m3, 0.0),
    COALESCE(consumed_m3, 0.0)) - COALESCE(driven_m3, 0.0), 1) AS unexplained_m3
FROM laid
ORDER BY unexplained_m3 DESC, ghat
