from django.db import migrations

#: What was verified before parts were known was verified in full: the demand's own lines are those of its receipts.
_LINES = """
UPDATE ledger_journalline SET demand_id = (
  SELECT r.demand_id FROM ledger_journalentry e JOIN ledger_receipt r ON r.id = e.receipt_id
  WHERE e.number = ledger_journalline.entry_id)
WHERE account_id NOT IN ('1000', '2900') AND credit_paise > 0
  AND entry_id IN (SELECT number FROM ledger_journalentry WHERE kind = 'receipt.verified')
"""
_DEMANDS = "UPDATE ledger_demand SET applied_paise = amount_paise WHERE settled_at IS NOT NULL"


class Migration(migrations.Migration):
    dependencies = [("ledger", "0003_m_accounts")]
    operations = [
        migrations.RunSQL(_LINES, migrations.RunSQL.noop),
        migrations.RunSQL(_DEMANDS, migrations.RunSQL.noop),
    ]
