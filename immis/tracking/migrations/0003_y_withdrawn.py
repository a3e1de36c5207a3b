from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tracking", "0002_v_device_days")]

    operations = [
        migrations.AddField("fenceevent", "withdrawn_at", models.DateTimeField(null=True)),
        migrations.AddField("trip", "withdrawn_at", models.DateTimeField(null=True)),
        migrations.AddField("deviceevent", "withdrawn_at", models.DateTimeField(null=True)),
    ]
