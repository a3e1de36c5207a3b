from django.db import migrations

from immis.core.append_only import append_only
from immis.core.guards import refuse

_RANK = "CASE {row}.state WHEN 'ordered' THEN 0 WHEN 'sent' THEN 1 WHEN 'failed' THEN 1 ELSE 2 END"
_BACKWARD = f"""
({_RANK.format(row="NEW")}) < ({_RANK.format(row="OLD")})
OR NEW.amount_paise <> OLD.amount_paise OR NEW.party_id <> OLD.party_id OR NEW.number <> OLD.number
OR (OLD.state = 'paid' AND NEW.account <> OLD.account)
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0003_o_refund_orders")]
    operations = [
        append_only("ledger_refundorder", events=("DELETE",)),
        refuse(
            "ledger_refund_forward",
            table="ledger_refundorder",
            event="UPDATE",
            condition=_BACKWARD,
            words="a refund order keeps its amount and only moves forward",
        ),
    ]
