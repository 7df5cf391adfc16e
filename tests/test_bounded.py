"""Bounded: what does not fit into the memory of a connection goes to the disk, also where there is no folder yet."""

from pathlib import Path

from warehouse.bounded import connect


def test_a_sort_larger_than_the_memory_spills_into_a_folder_that_was_not_there(tmp_path: Path) -> None:
    folder = tmp_path / "home/lake"  # before the first reconciliation of a home
    with connect(folder, memory="20MB") as connection:
        connection.execute("SET threads = 1")
        rows = connection.sql(
            "SELECT max(n), count(*) FROM (SELECT n, md5(n::VARCHAR) FROM range(600000) t(n) ORDER BY 2)"
        )
        assert rows.fetchall() == [(599_999, 600_000)]
        sorted_rows = connection.sql("SELECT n, md5(n::VARCHAR) AS m FROM range(600000) t(n) ORDER BY m")
        first = next(iter(sorted_rows.to_arrow_reader(1000)))
        spilled = list((folder / ".spill").iterdir())
    assert first.num_rows == 1000
    assert spilled
    assert not (folder / ".spill").exists()
