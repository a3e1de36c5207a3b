"""Questions and rows that hot paths ask and keep: Django builds their SQL once a process, then it is only run."""

from immis.core.written.asking import rows_of
from immis.core.written.questions import Question, question
from immis.core.written.rows import insert

__all__ = ["Question", "insert", "question", "rows_of"]
