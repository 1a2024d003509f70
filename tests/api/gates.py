"""The four schemas behind doors as partners meet them: closed inside, and open to any document."""

from starlette.applications import Starlette
from starlette.types import ASGIApp

from api.graphql import gate_of, schema_of
from api.operators.watch import Watch
from api.protocols.entrance import Doors, Entrance
from api.protocols.http import HttpDoor
from api.protocols.sockets import SocketDoor
from services.bootstrap import Ports
from services.kernel.actors import Audience


def closed_gateway(ports: Ports) -> ASGIApp:
    """A gateway without introspection and suggestions."""
    gates = [gate_of(audience, schema_of(audience), lambda: ports, open_inside=False) for audience in Audience]
    doors = {f"/graphql/{gate.audience}": Doors(HttpDoor(gate), SocketDoor(gate, frozenset())) for gate in gates}
    return Watch(Entrance(doors, Starlette()), ports.settings.allowed_hosts)
