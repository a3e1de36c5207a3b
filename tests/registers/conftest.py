"""A district with its posts, and headquarters."""

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from immis.registry import services as registry
from immis.registry.selectors import actor_of

AT = datetime(2026, 6, 5, 5, 30, tzinfo=UTC)


@pytest.fixture
def people(db) -> SimpleNamespace:
    """One actor a post: two districts, a Collector, headquarters, a check post."""
    made = {}
    posts = (
        ("hq", "hq", "hq", ""),
        ("munger", "district", "district", "Munger"),
        ("patna", "district", "district", "Patna"),
        ("collector", "district", "collector", "Munger"),
        ("post", "checkpost", "checkpost", "Munger"),
    )
    for code, kind, role, district in posts:
        office = registry.open_office(code=code, kind=kind, name_en=code, name_hi=code, district=district)
        user = registry.add_user(username=code, name_en=code, name_hi=code, password="a-long-password")
        registry.appoint(user=user, office=office, role=role)
        made[code] = actor_of(user)
    return SimpleNamespace(**made)
