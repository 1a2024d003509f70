"""What phones rely on: the schemas as printed, the releases as frozen, and the check that keeps both promises."""

from api.contracts.printing import print_schemas, printed, schema_file
from api.releases.shelf import FOLDER

__all__ = ["FOLDER", "print_schemas", "printed", "schema_file"]
