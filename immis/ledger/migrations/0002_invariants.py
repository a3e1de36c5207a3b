from django.db import migrations

from immis.core.append_only import append_only
from immis.ledger.invariants import guard_ledger


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial")]
    operations = [
        append_only("ledger_journalentry"),
        append_only("ledger_journalline"),
        append_only("ledger_journalseal"),
        append_only("ledger_treasurynotice"),
        append_only("ledger_receipt", events=("DELETE",)),
        append_only("ledger_demand", events=("DELETE",)),
        guard_ledger(),
    ]
