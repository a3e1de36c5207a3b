from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("tracking", "0003_y_withdrawn"), ("tracking", "0003_z_commands")]
    operations = []
