"""Fan-out: all who follow the same thing share one source and one rendering of it, and each hears the newest in its own time.

A source is opened for whoever comes first and opened anew for newcomers, so that nobody's first answer was read before they
came; once the new one has answered it is everybody's, and the former is closed. Each answer is the whole thing: a follower who
is slow misses what was replaced meanwhile, never the last word, and holds one answer at most.

Whoever waits for the next answer and said how to take it is handed it at once, without a task being woken; so many at a stroke,
and then it is everybody else's turn.
"""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Hashable
from contextlib import aclosing

Source = Callable[[], Awaitable[AsyncGenerator[bytes, None]]]
Made = dict[bytes, bytes]
"""What followers make of one answer, for others who would make the same of it."""
Take = Callable[[bytes, Made], bool]
"""Takes an answer at once, or says that it cannot."""
AT_A_STROKE = 200


class Follower(AsyncIterator[bytes]):
    """One who follows: iterate it for the answers, and `aclose` it to leave."""

    __slots__ = ("_newest", "_over", "_stream", "_take", "_waiting", "_why")

    def __init__(self, stream: "_Stream") -> None:
        self._stream = stream
        self._newest: bytes | None = None
        self._waiting: asyncio.Future[None] | None = None
        self._over = False
        self._why: Exception | None = None
        self._take: Take | None = None

    def hand_to(self, take: Take) -> None:
        """From now on whatever comes while the next answer is awaited is handed over; what is not taken is fetched, as ever."""
        self._take = take

    def tell(self, answer: bytes, made: Made) -> None:
        """Let this be the next answer, in place of one that was not fetched yet."""
        if self._take is not None and self._is_waiting() and self._take(answer, made):
            return
        self._newest = answer
        self._wake()

    def _is_waiting(self) -> bool:
        """Whether everything before was fetched, and dealt with."""
        return self._waiting is not None and not self._waiting.done()

    def end(self, why: Exception | None) -> None:
        """No answer follows the one that waits, if any."""
        self._over, self._why = True, why
        self._wake()

    def _wake(self) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)

    async def __anext__(self) -> bytes:
        while self._newest is None:
            if self._why is not None:
                raise self._why
            if self._over:
                raise StopAsyncIteration
            self._waiting = asyncio.get_running_loop().create_future()
            await self._waiting
        answer, self._newest = self._newest, None
        return answer

    async def aclose(self) -> None:
        """Leave; the last one to leave closes the source."""
        self._over, self._take = True, None
        self._stream.leave(self)


class Fanout:
    """What is followed now, by key: whatever an answer depends on must stand in the key."""

    def __init__(self) -> None:
        self._streams: dict[Hashable, _Stream] = {}

    def follow(self, key: Hashable, source: Source) -> Follower:
        """Follow what `source` gives, together with all who follow under an equal key."""
        stream = self._streams.get(key)
        if stream is None:
            stream = self._streams[key] = _Stream(source, lambda: self._forget(key, stream))
        return stream.join()

    def __len__(self) -> int:
        return len(self._streams)

    def _forget(self, key: Hashable, stream: "_Stream | None") -> None:
        if self._streams.get(key) is stream:
            del self._streams[key]


class _Stream:
    """One thing that is followed: who hears it, and the task that reads it."""

    def __init__(self, source: Source, empty: Callable[[], None]) -> None:
        self._source, self._empty = source, empty
        self._hearing: set[Follower] = set()
        self._awaiting: set[Follower] = set()  # those for whom the source is being opened
        self._newcomers: set[Follower] = set()  # those who came since: what is being read may be older than they are
        self._reading: asyncio.Task[None] | None = None
        self._opening: asyncio.Task[None] | None = None
        self._told: bytes | None = None
        self._untold: deque[Follower] = deque()  # those of the hearing who have not been told yet
        self._made: Made = {}
        self._going_on = False

    def join(self) -> Follower:
        follower = Follower(self)
        self._newcomers.add(follower)
        self._open_if_needed()
        return follower

    def leave(self, follower: Follower) -> None:
        for group in (self._hearing, self._awaiting, self._newcomers):
            group.discard(follower)
        if not (self._hearing or self._awaiting or self._newcomers):
            self._empty()
            for task in (self._reading, self._opening):
                if task is not None:
                    task.cancel()

    def _open_if_needed(self) -> None:
        if self._opening is None and self._newcomers:
            self._opening = asyncio.create_task(self._run())

    async def _run(self) -> None:
        self._awaiting, self._newcomers = self._newcomers, set()
        why: Exception | None = None
        try:
            async with aclosing(await self._source()) as answers:
                async for answer in answers:
                    me = asyncio.current_task()
                    if self._opening is me:
                        self._take_over(answer)
                    elif self._reading is me and answer != self._told:
                        self._tell(answer)
        except Exception as broken:  # noqa: BLE001 - whatever it is, each follower is told in its own place
            why = broken
        self._end(why)

    def _take_over(self, answer: bytes) -> None:
        """The first answer of a new source: it serves everybody from now on."""
        former, self._reading, self._opening = self._reading, self._opening, None
        if former is not None:
            former.cancel()
        newcomers, self._awaiting = self._awaiting, set()
        self._hearing |= newcomers
        if answer == self._told:
            self._untold.extend(newcomers)
            self._hand_out()
        else:
            self._tell(answer)
        self._open_if_needed()

    def _tell(self, answer: bytes) -> None:
        self._told, self._made = answer, {}
        self._untold = deque(self._hearing)
        self._hand_out()

    def _hand_out(self, most: int = AT_A_STROKE) -> None:
        """Tell the next of those who have not heard it, and the others after everybody else's turn."""
        for _ in range(min(most, len(self._untold))):
            self._untold.popleft().tell(self._told or b"", self._made)
        if self._untold and not self._going_on:
            self._going_on = True
            asyncio.get_running_loop().call_soon(self._go_on)

    def _go_on(self) -> None:
        self._going_on = False
        self._hand_out()

    def _end(self, why: Exception | None) -> None:
        """The source of this task is over, and so is it for those whose source it was."""
        me = asyncio.current_task()
        if self._opening is me:
            ended, self._awaiting, self._opening = self._awaiting, set(), None
        elif self._reading is me:
            self._hand_out(len(self._untold))
            ended, self._hearing, self._reading, self._told = self._hearing, set(), None, None
        else:
            return  # another source has taken over meanwhile
        for follower in ended:
            follower.end(why)
        self._open_if_needed()
        if self._opening is None and self._reading is None:
            self._empty()
