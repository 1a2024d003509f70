"""Stores: who sells, where, when it is open and how far it delivers."""
