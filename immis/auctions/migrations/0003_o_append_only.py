from django.db import migrations

from immis.core.append_only import append_only


class Migration(migrations.Migration):
    dependencies = [("auctions", "0002_o_registers")]
    operations = [
        append_only("auctions_paperdecision"),
        append_only("auctions_lotorder"),
        append_only("auctions_lotsuccession"),
        append_only("auctions_resultlist"),
        append_only("auctions_signaturecertificate"),
        append_only("auctions_debarment", events=("DELETE",)),
        append_only("auctions_certificatecase", events=("DELETE",)),
    ]
