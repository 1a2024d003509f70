"""The worker: runs what was promised for later — errands of the outbox and the timers."""
