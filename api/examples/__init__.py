"""Recorded examples: what each shipped operation is answered, written down by playing a day, and the pages made of them."""
