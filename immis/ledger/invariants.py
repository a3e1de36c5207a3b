"""What the database itself keeps true of the ledger, in SQLite's and PostgreSQL's words, for use in migrations.

An entry cannot be committed without its seal (a deferred foreign key), a seal
cannot be set on an entry that does not balance, and a sealed entry takes no
further line. Receipts only move forward; demands keep their amount.
"""

from django.db import migrations

_UNBALANCED = """
NOT EXISTS (SELECT 1 FROM ledger_journalline WHERE entry_id = NEW.number)
OR (SELECT SUM(debit_paise) - SUM(credit_paise) FROM ledger_journalline WHERE entry_id = NEW.number) <> 0
"""
_SEALED = "EXISTS (SELECT 1 FROM ledger_journalseal WHERE number = NEW.entry_id)"
_RANK = "CASE {row}.state WHEN 'created' THEN 0 WHEN 'failed' THEN 1 WHEN 'paid_unverified' THEN 2 ELSE 3 END"
_BACKWARD = f"""
({_RANK.format(row="NEW")}) < ({_RANK.format(row="OLD")})
OR (OLD.state IN ('verified', 'refused') AND NEW.state <> OLD.state)
OR NEW.amount_paise <> OLD.amount_paise OR NEW.demand_id <> OLD.demand_id
"""
_DEMAND_CHANGED = """
NEW.amount_paise <> OLD.amount_paise OR NEW.party_id <> OLD.party_id OR NEW.number <> OLD.number
OR COALESCE(CAST(NEW.due_on AS TEXT), '') <> COALESCE(CAST(OLD.due_on AS TEXT), '')
"""

#: name, table, event, the condition that is refused, the words of the refusal
GUARDS = (
    ("ledger_seal_balances", "ledger_journalseal", "INSERT", _UNBALANCED, "journal entry does not balance"),
    ("ledger_line_sealed", "ledger_journalline", "INSERT", _SEALED, "journal entry is sealed"),
    ("ledger_receipt_forward", "ledger_receipt", "UPDATE", _BACKWARD, "a receipt only moves forward"),
    ("ledger_demand_fixed", "ledger_demand", "UPDATE", _DEMAND_CHANGED, "a demand keeps its amount, party and date"),
)

_SQLITE = """
CREATE TRIGGER {name} BEFORE {event} ON {table} WHEN {condition}
BEGIN SELECT RAISE(ABORT, '{words}'); END
"""
_POSTGRES = """
CREATE FUNCTION {name}() RETURNS trigger AS $$
BEGIN IF {condition} THEN RAISE EXCEPTION '{words}' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END
$$ LANGUAGE plpgsql;
CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}();
"""


def guard_ledger() -> migrations.RunPython:
    """A migration step after which the database refuses what ``GUARDS`` lists."""

    def forward(apps: object, schema_editor: object) -> None:
        form = _POSTGRES if schema_editor.connection.vendor == "postgresql" else _SQLITE  # type: ignore[attr-defined]
        for name, table, event, condition, words in GUARDS:
            sql = form.format(name=name, table=table, event=event, condition=condition, words=words)
            schema_editor.execute(sql, params=None)  # type: ignore[attr-defined]

    return migrations.RunPython(forward, migrations.RunPython.noop)
