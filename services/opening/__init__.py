"""Opening: how somebody who has no store yet comes to sell, in three steps: who you are, your menu, your hours."""
