from django.db import migrations, models

from immis.core.append_only import append_only
from immis.ledger.invariants import GUARDS, REGISTER_GUARDS, guard_ledger


class Migration(migrations.Migration):
    dependencies = [("ledger", "0004_m_fill")]
    operations = [
        migrations.AddConstraint(
            model_name='demand',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('applied_paise__lt', models.F('amount_paise')), ('settled_at__isnull', True)), models.Q(('applied_paise', models.F('amount_paise')), ('settled_at__isnull', False)), _connector='OR'), name='demand_settled_when_paid'),
        ),
        append_only("ledger_journalentry"),
        append_only("ledger_journalline"),
        append_only("ledger_journalseal"),
        append_only("ledger_receipt", events=("DELETE",)),
        append_only("ledger_demand", events=("DELETE",)),
        append_only("ledger_scroll"),
        append_only("ledger_scrollline", events=("DELETE",)),
        append_only("ledger_instrument", events=("DELETE",)),
        append_only("ledger_taxitem", events=("DELETE",)),
        guard_ledger(GUARDS),
        guard_ledger(REGISTER_GUARDS),
    ]
