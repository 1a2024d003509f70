"""Dispatch: couriers, their shifts and positions, the jobs they are offered and the deliveries they make."""
