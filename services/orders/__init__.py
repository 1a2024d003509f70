"""Purchases and their orders: the whole life, from checkout to the end of the dispute window."""
