"""Payments: what a consumer agreed to pay, captures, refunds, and the ledger that says whose the money is."""
