"""What a large file needs beside the rows it becomes: its text and a little, however it is read and compared."""

import tracemalloc

from bench.menu_files.large import table
from services.catalog.imports.csv_file import read_csv
from services.catalog.imports.mapping import read_mapping
from services.catalog.imports.shapes import Reading
from services.catalog.rules.differences import differences
from services.catalog.rules.layout import layout_of
from services.kernel.batches import batches

ROWS = 2_000
# Bytes a row. All cells at once, or the difference of all rows at once, are several times as much.
READ_WITH, COMPARED_WITH = 800, 1_800


def test_neither_the_cells_nor_the_differences_of_a_file_are_held_at_once() -> None:
    content, mapping = table(ROWS), read_mapping(None)
    read_csv(table(10), mapping, "EUR")
    tracemalloc.start()
    try:
        reading: Reading = read_csv(content, mapping, "EUR")
        held, peak = tracemalloc.get_traced_memory()
        tracemalloc.reset_peak()
        told = sum(len(batch) for batch in batches(differences(layout_of(())[0], layout_of(reading.menus)[0], "EUR"), 500))
        _, compared = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert (reading.good_rows, told) == (ROWS, ROWS + 51)
    assert peak - held < READ_WITH * ROWS
    assert compared - held < COMPARED_WITH * ROWS
