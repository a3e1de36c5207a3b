from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("leases", "0005_t_prices_and_hints")]
    operations = [migrations.AddField("lease", "members", models.JSONField(default=list))]
