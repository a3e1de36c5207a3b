"""``immis ledger check``: exit 0 when all is well, 1 when something was done behind the ledger's back."""

import json

import pytest
from click.testing import CliRunner

from immis.commands.money.ledger import command
from immis.ledger.models import Demand
from tests.settlement import india

pytestmark = pytest.mark.django_db


def test_a_whole_ledger(world):
    world.opened()
    ran = CliRunner().invoke(command, ["check", "--json"])
    said = json.loads(ran.output.splitlines()[-1])
    assert ran.exit_code == 0 and said["balanced"] is True
    assert said["debit_paise"] == said["credit_paise"] > 0 and said["receipts"] == {"verified": 1}


def test_a_ledger_that_was_tampered_with(world):
    receipt = world.emd(at=india("2026-06-01"))
    Demand.objects.filter(pk=receipt.demand_id).update(settled_at=None, applied_paise=0)
    ran = CliRunner().invoke(command, ["check"])
    assert ran.exit_code == 1 and receipt.demand.number in ran.output and "not well" in ran.output
