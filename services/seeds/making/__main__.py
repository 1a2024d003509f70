"""Makes every data file anew: `python -m services.seeds.making FOLDER`, the folder holding the unpacked public sources."""

import argparse
import sys
from pathlib import Path

from services.seeds.making.dishes import make_dishes
from services.seeds.making.products import make_products
from services.seeds.making.stores import make_stores
from services.seeds.making.streets import make_addresses, make_arrivals, make_streets

PROJECT = Path(__file__).parents[3]
SEED_DATA = PROJECT / "services" / "seeds" / "data"
CITY_DATA = PROJECT / "mobile_contracts" / "phones" / "city_data"


def main() -> None:
    parser = argparse.ArgumentParser(prog="services.seeds.making", description=__doc__)
    parser.add_argument("sources", type=Path, help="folder with osm_helsinki, canteen_menus, menu_samples, groceries, arrivals")
    sources: Path = parser.parse_args().sources
    stores, odd_hours = make_stores(sources / "osm_helsinki", SEED_DATA)
    counts = {
        **stores,
        **make_dishes(sources, SEED_DATA),
        **make_products(sources / "groceries", SEED_DATA),
        **make_streets(sources / "osm_helsinki", CITY_DATA),
        **make_addresses(sources / "osm_helsinki", CITY_DATA),
        **make_arrivals(sources / "arrivals", CITY_DATA),
    }
    sys.stdout.writelines(f"{count:6} {what}\n" for what, count in counts.items())
    sys.stdout.writelines(f"hours not used: {name}: {written!r} ({fault})\n" for name, written, fault in odd_hours)


if __name__ == "__main__":
    main()
