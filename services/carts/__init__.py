"""The basket before it is an order: one cart per consumer over any number of stores, and the quote that freezes its price."""
