"""The clocks and bounds of sockets as a gateway ships with them; the protocol's own tests run with shorter ones."""

from api.protocols.sockets import SocketLimits
from api.protocols.wire import ANSWERED_WITHIN, HEARTBEAT

DEAD_SEEN_WITHIN, RIGHTS_GONE_WITHIN = 8.0, 5.0


def test_a_line_has_five_seconds_to_open() -> None:
    assert SocketLimits().init_within == 5.0


def test_the_heart_beats_every_four_seconds_and_the_dead_are_seen_within_eight() -> None:
    assert HEARTBEAT == 4.0
    # The worst: it died right after it had answered.
    assert HEARTBEAT + ANSWERED_WITHIN <= DEAD_SEEN_WITHIN


def test_a_line_is_looked_at_often_enough_for_rights_to_end_within_five_seconds() -> None:
    assert SocketLimits().look_again_every <= RIGHTS_GONE_WITHIN / 2


def test_a_line_carries_so_many_operations() -> None:
    assert SocketLimits().subscriptions == 20
