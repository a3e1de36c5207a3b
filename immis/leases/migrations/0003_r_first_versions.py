from django.db import migrations


def first_versions(apps, schema_editor):
    """What was granted before there were versions is version 1."""
    clearance, version = apps.get_model("leases", "Clearance"), apps.get_model("leases", "ClearanceVersion")
    for row in clearance.objects.filter(granted_on__isnull=False, version=0).select_related("lease").iterator():
        row.version = 1
        row.save(update_fields=["version"])
        version.objects.create(
            clearance=row, number=1, reference=row.reference, granted_on=row.granted_on,
            quantity_m3=row.quantity_m3, recorded_at=row.lease.auction_closed_at,
        )


class Migration(migrations.Migration):

    dependencies = [
        ('leases', '0002_r_clearance_papers'),
    ]

    operations = [
        migrations.RunPython(first_versions, migrations.RunPython.noop),
    ]
