"""Looking around: what is near, what is sold, by whom and for how much, what was found before, and what one likes."""
