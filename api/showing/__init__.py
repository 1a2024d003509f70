"""`pannier engine show`: what the engine makes of a shipped operation — its plan, its Python, and the SQL it runs."""
