"""Leaky buckets shared by all processes, in Redis: what each one poured in since it last said so, in one round trip."""

from collections.abc import Mapping

from redis.asyncio import Redis

# A bucket is its level and the moment of it; it leaks between two visits and is forgotten once it is empty.
_SETTLE = """
local leak, burst = tonumber(ARGV[1]), tonumber(ARGV[2])
local time = redis.call('TIME')
local now = tonumber(time[1]) + tonumber(time[2]) / 1000000
local levels = {}
for place, key in ipairs(KEYS) do
  local kept = redis.call('HMGET', key, 'level', 'at')
  local level = math.max(0, (tonumber(kept[1]) or 0) - math.max(0, now - (tonumber(kept[2]) or now)) * leak)
  level = math.min(level + tonumber(ARGV[2 + place]), 2 * burst)
  redis.call('HSET', key, 'level', tostring(level), 'at', string.format('%.6f', now))
  redis.call('PEXPIRE', key, math.ceil(level / leak * 1000) + 1000)
  levels[place] = tostring(level)
end
return levels
"""


async def settle(redis: Redis, poured: Mapping[str, float], *, burst: float, per_second: float) -> dict[str, float]:
    """Pour into each bucket; answers the level of each, what other processes poured included. Raises RedisError."""
    script = redis.register_script(_SETTLE)
    levels = await script(keys=list(poured), args=[per_second, burst, *poured.values()])
    return {key: float(level) for key, level in zip(poured, levels, strict=True)}
