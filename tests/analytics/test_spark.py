"""A real Spark cluster answers the same questions with the same texts from the same segments."""

import importlib.util
import os
from datetime import UTC, datetime

import pytest

from immis.analytics import embedded, spark
from immis.analytics.asked import QUESTIONS
from immis.tracking import gateway
from tests.analytics import month

pytestmark = pytest.mark.processes


@pytest.fixture(scope="module")
def session(tmp_path_factory):
    """A session on one master and two workers; skipped where Spark is not installed, unless nothing may be skipped."""
    if importlib.util.find_spec("pyspark") is None:
        reason = "pyspark is not installed: pip install --require-hashes -r requirements-scale.lock"
        pytest.fail(reason) if os.environ.get("IMMIS_NO_SKIP") == "1" else pytest.skip(reason)
    from tests.analytics.spark_cluster import JAVA, spark_cluster

    folder = tmp_path_factory.mktemp("spark")
    with pytest.MonkeyPatch.context() as patch, spark_cluster(folder) as master:
        patch.setenv("JAVA_TOOL_OPTIONS", JAVA)  # for the driver
        settings = {
            "spark.executor.memory": "512m",
            "spark.sql.shuffle.partitions": "2",
            "spark.sql.codegen.wholeStage": "false",  # compiling for a handful of rows takes longer than they do
            "spark.sql.codegen.factoryMode": "NO_CODEGEN",
            "spark.sql.adaptive.enabled": "false",
            "spark.driver.host": "127.0.0.1",
        }
        opened = spark.connect(master, **settings)
        yield opened
        opened.stop()


def test_spark_answers_as_the_embedded_engine_does(session, data_dir):
    month.lay_positions(data_dir)
    facts = month.facts()
    where = {name: gateway.keep_facts(name, table) for name, table in facts.items()}
    files = gateway.position_files(*(datetime.fromtimestamp(at, UTC) for at in (month.SPAN.from_s, month.SPAN.to_s)))
    for question in QUESTIONS.values():
        answer = spark.ask(session, question, month.SPAN, files=files, facts=where)
        assert answer.rows() == month.ANSWERS[question.name]
        assert answer.rows() == embedded.ask(question, month.SPAN, facts).rows()
    workers = session.sparkContext._jsc.sc().statusTracker().getExecutorInfos()
    assert len(workers) == 3  # the driver and one on each worker
