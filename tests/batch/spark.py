"""Rows become articles in Spark: ``make test-spark``.

Not among the tests that always run: Spark is half a gigabyte and needs Java, more than all else together.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest
from pyspark.sql import SparkSession

import convert
from convert.batch.arrow import COLUMNS, Rows
from tests.batch.test_arrow import EXPECTED, INFOBOX, NAMES, TEXTS, TITLES

# It does not know the newest pandas.
pytestmark = pytest.mark.filterwarnings("ignore:PySpark does not yet fully support:FutureWarning")


@pytest.fixture(scope="module")
def spark() -> Iterator[SparkSession]:
    """Give Spark with two workers, on loopback."""
    local = {"spark.driver.bindAddress": "127.0.0.1", "spark.driver.host": "127.0.0.1", "spark.ui.enabled": "false"}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYSPARK_PYTHON", sys.executable)
        session = SparkSession.builder.master("local[2]").config(map=local).getOrCreate()
        yield session
        session.stop()


@pytest.mark.parametrize("way", ["mapInArrow", "mapInPandas"])
def test_spark_maps_rows(spark: SparkSession, way: str) -> None:
    rows = Rows(keep=["id"])
    given = list(zip(range(1, 1 + len(TEXTS)), TEXTS, TITLES, strict=True))
    frame = spark.createDataFrame(given, "id long, text string, title string").repartition(2)
    function = rows.arrow if way == "mapInArrow" else rows.pandas
    mapped = getattr(frame, way)(function, f"id long, {COLUMNS}")
    assert mapped.columns == ["id", *NAMES]
    # Within a row the order is that of its articles; rows themselves Spark puts where it wants.
    made = sorted(mapped.collect(), key=lambda row: row["id"])
    assert [(row["id"], row["title"], row["code"]) for row in made] == EXPECTED
    assert [row["line"] for row in made] == [1, 1, 5, 9, 1, 1, 0]
    assert made[0]["text"] == convert.convert(INFOBOX)
    assert made[5]["diagnostics"][0]["code"] == "title-missing"
