"""A Spark cluster: the same SQL texts over the same Parquet, for what one machine would chew on too long.

``pyspark`` is no dependency of an installation; ``requirements-scale.lock`` has it.
"""

import logging
import os
import sys
from typing import TYPE_CHECKING, Any

from immis.analytics.asked import Question, Span
from immis.late import late

if TYPE_CHECKING:
    import polars
    from pyspark.sql import SparkSession
else:
    polars = late("polars")

_POSITIONS = "imei STRING, vehicle STRING, at TIMESTAMP, lat DOUBLE, lon DOUBLE, fix BOOLEAN"


class NoSpark(RuntimeError):
    """Spark cannot be had here."""


def connect(master: str, **settings: str) -> "SparkSession":
    """A session on a cluster (``spark://host:7077``); NoSpark where pyspark or Java is missing or nobody answers."""
    try:
        from pyspark.sql import SparkSession
    except ImportError as fault:
        raise NoSpark("pyspark is not installed: pip install --require-hashes -r requirements-scale.lock") from fault
    logging.getLogger("py4j").setLevel(logging.WARNING)
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    chosen = {
        "spark.sql.session.timeZone": "UTC",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.ansi.enabled": "false",
    }
    chosen |= _store_settings()
    builder = SparkSession.builder.master(master).appName("immis questions")
    for name, value in {**chosen, **settings}.items():
        builder = builder.config(name, value)
    try:
        return builder.getOrCreate()
    except Exception as fault:
        raise NoSpark(f"no Spark cluster at {master}: {fault}") from fault


def _store_settings() -> dict[str, str]:
    """How workers reach the archive, from the same ``AWS_`` variables; the cluster needs Hadoop's connector for it."""
    endpoint = os.environ.get("AWS_ENDPOINT_URL")
    if not endpoint:
        return {}
    return {
        "spark.hadoop.fs.s3a.endpoint": endpoint,
        "spark.hadoop.fs.s3a.path.style.access": "true",
        "spark.hadoop.fs.s3a.access.key": os.environ.get("AWS_ACCESS_KEY_ID", ""),
        "spark.hadoop.fs.s3a.secret.key": os.environ.get("AWS_SECRET_ACCESS_KEY", ""),
    }


def _as_spark_says(address: str) -> str:
    return address.replace("s3://", "s3a://", 1) if address.startswith("s3://") else address


def ask(session: "SparkSession", question: Question, span: Span, *, files: list[str], facts: dict[str, str]) -> Any:
    """The answer of the cluster, as a Polars frame.

    ``files`` are the segments, ``facts`` the tables of ``facts.py``, at paths or addresses that every worker reaches.
    """
    result: Any = session.createDataFrame([], schema=_POSITIONS)
    if files:
        result = session.read.parquet(*map(_as_spark_says, files))
    result.where(
        f"unix_seconds(at) >= {span.from_s} AND unix_seconds(at) < {span.to_s + 86_400} "
        "AND fix AND lat IS NOT NULL AND lon IS NOT NULL"
    ).selectExpr("imei", "vehicle", "unix_seconds(at) AS at_s", "lat", "lon").createOrReplaceTempView("positions")
    for name, address in facts.items():
        session.read.parquet(address).createOrReplaceTempView(name)
    rows = [tuple(row) for row in session.sql(span.filled(question.text)).select(*question.columns).collect()]
    return polars.DataFrame(rows, schema=list(question.columns), orient="row", infer_schema_length=None)
