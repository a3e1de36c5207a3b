"""What the database itself keeps true of the ledger, in SQLite's and PostgreSQL's words, for use in migrations.

An entry cannot be committed without its seal (a deferred foreign key), a seal
cannot be set on an entry that does not balance, and a sealed entry takes no
further line. Receipts only move forward; demands keep their amount.
"""

from collections.abc import Sequence

from django.db import migrations

Guard = tuple[str, str, str, str, str]

_UNBALANCED = """
NOT EXISTS (SELECT 1 FROM ledger_journalline WHERE entry_id = NEW.number)
OR (SELECT SUM(debit_paise) - SUM(credit_paise) FROM ledger_journalline WHERE entry_id = NEW.number) <> 0
"""
_SEALED = "EXISTS (SELECT 1 FROM ledger_journalseal WHERE number = NEW.entry_id)"
_RANK = (
    "CASE {row}.state WHEN 'created' THEN 0 WHEN 'failed' THEN 1 WHEN 'paid_unverified' THEN 2 "
    "WHEN 'reconciled' THEN 4 WHEN 'reversed' THEN 5 ELSE 3 END"
)
_BACKWARD = f"""
({_RANK.format(row="NEW")}) < ({_RANK.format(row="OLD")})
OR (OLD.state = 'verified' AND NEW.state NOT IN ('verified', 'reconciled', 'reversed'))
OR (OLD.state = 'refused' AND NEW.state NOT IN ('refused', 'reversed'))
OR NEW.amount_paise <> OLD.amount_paise OR NEW.demand_id <> OLD.demand_id
"""
_DEMAND_CHANGED = """
NEW.amount_paise <> OLD.amount_paise OR NEW.party_id <> OLD.party_id OR NEW.number <> OLD.number
OR COALESCE(CAST(NEW.due_on AS TEXT), '') <> COALESCE(CAST(OLD.due_on AS TEXT), '')
"""
_INSTRUMENT_BACK = """
(OLD.state IN ('honoured', 'bounced', 'returned') AND NEW.state <> OLD.state)
OR (OLD.state = 'presented' AND NEW.state = 'lodged')
OR NEW.amount_paise <> OLD.amount_paise OR NEW.number <> OLD.number OR NEW.bank <> OLD.bank
OR NEW.demand_id <> OLD.demand_id
"""
_SCROLL_LINE_CHANGED = """
NEW.amount_paise <> OLD.amount_paise OR NEW.grn <> OLD.grn OR NEW.bank_ref <> OLD.bank_ref
OR NEW.kind <> OLD.kind OR NEW.scroll_id <> OLD.scroll_id
OR (OLD.resolved_at IS NOT NULL AND NEW.resolution <> OLD.resolution)
"""
_TAX_CHANGED = "NEW.amount_paise <> OLD.amount_paise OR NEW.reference <> OLD.reference OR NEW.kind <> OLD.kind"

#: name, table, event, the condition that is refused, the words of the refusal
GUARDS = (
    ("ledger_seal_balances", "ledger_journalseal", "INSERT", _UNBALANCED, "journal entry does not balance"),
    ("ledger_line_sealed", "ledger_journalline", "INSERT", _SEALED, "journal entry is sealed"),
    ("ledger_receipt_forward", "ledger_receipt", "UPDATE", _BACKWARD, "a receipt only moves forward"),
    ("ledger_demand_fixed", "ledger_demand", "UPDATE", _DEMAND_CHANGED, "a demand keeps its amount, party and date"),
)

#: those of the registers that came later
REGISTER_GUARDS = (
    ("ledger_instrument_forward", "ledger_instrument", "UPDATE", _INSTRUMENT_BACK, "an instrument only moves forward"),
    ("ledger_scroll_line_fixed", "ledger_scrollline", "UPDATE", _SCROLL_LINE_CHANGED, "a scroll line keeps its words"),
    ("ledger_tax_item_fixed", "ledger_taxitem", "UPDATE", _TAX_CHANGED, "a tax item keeps its amount"),
)

_SQLITE = """
CREATE TRIGGER {name} BEFORE {event} ON {table} WHEN {condition}
BEGIN SELECT RAISE(ABORT, '{words}'); END
"""
_POSTGRES = """
CREATE OR REPLACE FUNCTION {name}() RETURNS trigger AS $$
BEGIN IF {condition} THEN RAISE EXCEPTION '{words}' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END
$$ LANGUAGE plpgsql;
CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}();
"""


def guard_ledger(guards: Sequence[Guard] = GUARDS) -> migrations.RunPython:
    """A migration step after which the database refuses what the guards list."""

    def forward(apps: object, schema_editor: object) -> None:
        form = _POSTGRES if schema_editor.connection.vendor == "postgresql" else _SQLITE  # type: ignore[attr-defined]
        for name, table, event, condition, words in guards:
            sql = form.format(name=name, table=table, event=event, condition=condition, words=words)
            schema_editor.execute(sql, params=None)  # type: ignore[attr-defined]

    return migrations.RunPython(forward, migrations.RunPython.noop)


def drop_guards(guards: Sequence[Guard] = GUARDS, tables: Sequence[str] = ()) -> migrations.RunPython:
    """A migration step that takes guards (and the append-only triggers of ``tables``) away, before a schema change.

    SQLite makes such tables anew and loses their triggers; afterwards they are put back on both databases alike.
    """
    named = [(name, table) for name, table, *_rest in guards]
    named += [(f"{table}_no_{verb}", table) for table in tables for verb in ("update", "delete")]

    def forward(apps: object, schema_editor: object) -> None:
        postgres = schema_editor.connection.vendor == "postgresql"  # type: ignore[attr-defined]
        for name, table in named:
            on = f" ON {table}" if postgres else ""
            schema_editor.execute(f"DROP TRIGGER IF EXISTS {name}{on}")  # type: ignore[attr-defined]

    return migrations.RunPython(forward, migrations.RunPython.noop)
