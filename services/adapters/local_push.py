"""Development's stand-in for a push provider: nothing leaves the machine, the message's own row is the record."""

from services.notifications.ports import Outcome, PushMessage, Sent


class LocalPush:
    """Takes every message at once."""

    async def send(self, message: PushMessage) -> Outcome:
        return Sent(f"local/{message.id}")

    async def close(self) -> None:
        """Nothing is open."""
