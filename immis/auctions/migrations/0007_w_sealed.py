"""Identities sealed until the close: bids and lots know an alias, applications learn theirs when the lot is over."""

from django.db import migrations, models

import immis.auctions.sealing
from immis.core.append_only import append_only, lift_append_only


def refuse_in_between(apps, schema_editor):
    """Bids that name their bidder cannot be sealed afterwards: the old program closes what it began."""
    running = apps.get_model("auctions", "Lot").objects.filter(result="open", events__bidder__isnull=False)
    if codes := sorted(set(running.values_list("code", flat=True))):
        raise RuntimeError(f"lots with bids are not announced yet ({', '.join(codes)}): upgrade when they are closed")


def write_aliases(apps, schema_editor):
    Lot, Event = apps.get_model("auctions", "Lot"), apps.get_model("auctions", "LotEvent")
    Bid = apps.get_model("auctions", "TechnicalBid")
    for lot in Lot.objects.all():
        aliases = dict(Bid.objects.filter(lot=lot).values_list("bidder_id", "alias"))
        lot.seal, lot.highest_alias = immis.auctions.sealing.new_seal(), aliases.get(lot.highest_bidder_id) or ""
        lot.save(update_fields=["seal", "highest_alias"])
        for bidder_id in set(Event.objects.filter(lot=lot, bidder__isnull=False).values_list("bidder", flat=True)):
            Event.objects.filter(lot=lot, bidder=bidder_id).update(alias=aliases.get(bidder_id))


def forget_aliases(apps, schema_editor):
    apps.get_model("auctions", "TechnicalBid").objects.filter(lot__result="open").update(alias=None)


class Migration(migrations.Migration):
    dependencies = [("auctions", "0006_s_signature")]

    operations = [
        migrations.RunPython(refuse_in_between, migrations.RunPython.noop),
        lift_append_only("auctions_lotevent"),
        migrations.AddField("lot", "highest_alias", models.CharField(blank=True, default="", max_length=12),
                            preserve_default=False),
        migrations.AddField("lot", "seal", models.CharField(default="", max_length=40)),
        migrations.SeparateDatabaseAndState(state_operations=[
            migrations.AlterField("lot", "seal", models.CharField(default=immis.auctions.sealing.new_seal,
                                                                  max_length=40)),
        ]),
        migrations.AddField("lotevent", "alias", models.CharField(max_length=12, null=True)),
        migrations.RunPython(write_aliases, migrations.RunPython.noop),
        migrations.RemoveConstraint("lotevent", "one_answer_a_key"),
        migrations.RemoveField("lotevent", "bidder"),
        migrations.AddConstraint(
            "lotevent", models.UniqueConstraint(fields=("lot", "alias", "key"), name="one_answer_a_key")
        ),
        migrations.AlterField("technicalbid", "alias", models.CharField(max_length=12, null=True)),
        migrations.RunPython(forget_aliases, migrations.RunPython.noop),
        append_only("auctions_lotevent"),
    ]
