from django.db import migrations, models


class Migration(migrations.Migration):
    """The register of certificate cases moves to the ledger with its rows; a notice may name who obtains clearances."""

    dependencies = [("auctions", "0005_s_notify")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.AlterModelTable("CertificateCase", "ledger_certificatecase")],
            state_operations=[migrations.DeleteModel("CertificateCase")],
        ),
        migrations.AddField(
            model_name="notice",
            name="clearances_by",
            field=models.CharField(blank=True, max_length=12, default=""),
            preserve_default=False,
        ),
    ]
