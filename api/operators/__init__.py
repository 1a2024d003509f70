"""What operators see of the gateway: logs, metrics, probes, and the name every request carries."""
