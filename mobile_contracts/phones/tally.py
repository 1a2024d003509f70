"""What the city tells of itself: how often what happened, and a line for what is worth one."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from mobile_contracts.phones.refusals import Disappointed


@dataclass(slots=True)
class Tally:
    """Counts, and a voice."""

    tell: Callable[[str], None]
    counts: Counter[str] = field(default_factory=Counter)

    def note(self, what: str, line: str = "") -> None:
        """Count something; with a line, say it too."""
        self.counts[what] += 1
        if line:
            self.say(line)

    def trouble(self, who: str, trouble: BaseException) -> None:
        """Something did not work for somebody; the city goes on. A refusal is life, anything else is said."""
        if isinstance(trouble, Disappointed):
            self.note(f"{who}: {trouble.word}", f"{who}: {trouble}")
        else:
            self.note(f"{who}: failed", f"{who} failed: {type(trouble).__name__}: {trouble}")

    def say(self, line: str) -> None:
        # Whoever prints it may read brackets as colours.
        self.tell(line.replace("[", "(").replace("]", ")"))

    def summary(self) -> str:
        """What happened so far, most often first."""
        return ", ".join(f"{count} {what}" for what, count in self.counts.most_common(12)) or "nothing yet"
