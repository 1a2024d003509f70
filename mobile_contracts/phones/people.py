"""Who lives in the city: whose telephone number opens which door, as the seed's README says, and how each is equipped."""

import random
from dataclasses import dataclass

from mobile_contracts.phones.beacon import Beacon
from mobile_contracts.phones.city_map import Address, CityMap, Place, Vehicle
from mobile_contracts.phones.consumer import Consumer
from mobile_contracts.phones.courier import Courier
from mobile_contracts.phones.gateway import Gateway
from mobile_contracts.phones.habits import Habits
from mobile_contracts.phones.phone import Phone
from mobile_contracts.phones.shopping import Shopper
from mobile_contracts.phones.store import Tablet
from mobile_contracts.phones.street import Street
from mobile_contracts.phones.tally import Tally

LOCALES = ("fi", "sv", "en")
FIRST_NAMES = (
    "Aino",
    "Eero",
    "Helmi",
    "Onni",
    "Sofia",
    "Leo",
    "Venla",
    "Elias",
    "Ida",
    "Oliver",
    "Lilja",
    "Väinö",
    "Siiri",
    "Noel",
)
LAST_NAMES = ("Korhonen", "Virtanen", "Mäkinen", "Nieminen", "Laine", "Heikkinen", "Koskinen", "Järvinen", "Lehtonen", "Salo")


def owner_number(index: int) -> str:
    """Whoever owns the seed's store of that index."""
    return f"+358401{index:06d}"


def courier_number(index: int) -> str:
    return f"+358402{index:06d}"


def agent_number(index: int) -> str:
    return f"+358403{index:06d}"


def consumer_number(index: int) -> str:
    return f"+358404{index:06d}"


@dataclass(slots=True)
class Town:
    """What its people share: the gateway, the street, the map, and how they are."""

    gateway: Gateway
    street: Street
    streets: CityMap
    habits: Habits
    tally: Tally
    seed: int

    def tablet(self, index: int) -> Tablet:
        """The tablet of the seed's store of that index."""
        phone = Phone(self.gateway, "store", owner_number(index), f"Store {index}", "fi")
        return Tablet(phone, self.street, self.gateway.pace, self._draw("store", index), self.habits.store, self.tally)

    def courier(self, index: int, at: Place) -> Courier:
        draw = self._draw("courier", index)
        vehicle = Vehicle.CAR if draw.random() < self.habits.courier.by_car else Vehicle.BICYCLE
        phone = Phone(self.gateway, "courier", courier_number(index), f"Courier {index}", draw.choice(LOCALES))
        pace = self.gateway.pace
        beacon = Beacon(phone, pace, at)
        return Courier(phone, vehicle, beacon, self.street, self.streets, pace, draw, self.habits.courier, self.tally)

    def consumer(self, index: int, home: Address) -> Consumer:
        draw = self._draw("consumer", index)
        name = f"{draw.choice(FIRST_NAMES)} {draw.choice(LAST_NAMES)}"
        phone = Phone(
            self.gateway, "consumer", consumer_number(index), name, draw.choice(LOCALES), draw.choice(("IOS", "ANDROID"))
        )
        pace, habits = self.gateway.pace, self.habits.consumer
        shopper = Shopper(phone, home, self.street, pace, draw, habits)
        return Consumer(phone, shopper, self.street, pace, draw, habits, self.tally)

    def agent_phone(self, index: int = 0) -> Phone:
        return Phone(self.gateway, "support", agent_number(index), f"Agent {index}")

    def _draw(self, who: str, index: int) -> random.Random:
        return random.Random(f"{who}:{self.seed}:{index}")
