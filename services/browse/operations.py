"""What the house keeps to show stores by: what their goods cost in the middle, and for which diets they have something."""

from services.kernel.database import run

# Fewer than this for a diet is a side dish, not a choice.
ENOUGH_FOR_A_DIET = 3
_AT_ONCE = 500


async def learn_store_traits() -> int:
    """Timer: look again at the live stores that changed since they were looked at; answers how many."""
    return await run(_LEARN, _AT_ONCE, ENOUGH_FOR_A_DIET)


# Prices of what is sold by weight are for a kilogram and say nothing of a meal: left out.
_LEARN = """
WITH changed AS (
    SELECT s.id, s.version FROM stores s LEFT JOIN store_traits t ON t.store_id = s.id
    WHERE s.state = 'LIVE' AND t.version IS DISTINCT FROM s.version LIMIT $1
), sold AS (
    SELECT i.store_id, i.price, i.diets, i.grams FROM changed c JOIN items i ON i.store_id = c.id WHERE i.removed_at IS NULL
), prices AS (
    SELECT store_id, percentile_disc(0.5) WITHIN GROUP (ORDER BY price) AS median FROM sold WHERE grams IS NULL GROUP BY store_id
), diets AS (
    SELECT store_id, array_agg(diet ORDER BY diet) AS diets
    FROM (SELECT store_id, diet FROM sold, unnest(sold.diets) AS diet GROUP BY 1, 2 HAVING count(*) >= $2) AS enough
    GROUP BY store_id
)
INSERT INTO store_traits AS t (store_id, version, median_price, diets)
SELECT c.id, c.version, p.median, coalesce(d.diets, '{}')
FROM changed c LEFT JOIN prices p ON p.store_id = c.id LEFT JOIN diets d ON d.store_id = c.id
ON CONFLICT (store_id) DO UPDATE SET version = excluded.version, median_price = excluded.median_price, diets = excluded.diets
"""
