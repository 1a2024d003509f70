"""How documents run: prepared once, executed many times. It knows nothing of food, HTTP or people."""
