"""Support: what agents find, see and do about an order, the cases they work on, and the log of what they looked at."""
