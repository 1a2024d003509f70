"""What is done with pushes: queued with the fact, sent soon after, forgotten in the end."""

from services.notifications.operations.queueing import PUSHES_TOPIC, NewPush, queue, withdraw
from services.notifications.operations.sending import send_due_pushes
from services.notifications.operations.tidying import forget_old_pushes

__all__ = ["PUSHES_TOPIC", "NewPush", "forget_old_pushes", "queue", "send_due_pushes", "withdraw"]
