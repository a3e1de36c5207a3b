"""The district of a challan beside it, and the indexes by which its lists begin."""

from django.db import migrations, models

from immis.core.guards import Guard

_FILL = (
    "UPDATE challans_challan SET district ="
    " (SELECT district FROM leases_lease WHERE leases_lease.id = challans_challan.lease_id)"
)


class Migration(migrations.Migration):
    dependencies = [
        ("challans", "0001_initial"),
        ("leases", "0002_lease_own_terms_lease_unpaid_stops"),
    ]

    operations = [
        migrations.AddField("challan", "district", models.CharField(max_length=40, default="")),
        Guard({"sqlite": [_FILL], "postgresql": [_FILL]}),
        migrations.AddIndex("challan", models.Index(fields=["issued_at", "id"], name="challan_issued")),
        migrations.AddIndex("challan", models.Index(fields=["district", "issued_at", "id"], name="challan_district_issued")),
        migrations.AddIndex("challan", models.Index(fields=["party", "issued_at", "id"], name="challan_party_issued")),
    ]
