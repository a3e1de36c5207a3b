from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("auctions", "0007_w_sealed")]
    operations = [migrations.AddField("lot", "signed_head", models.JSONField(default=dict))]
