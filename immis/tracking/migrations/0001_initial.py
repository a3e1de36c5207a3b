import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('registers', '0001_initial'),
        ('registry', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='DeviceCommand',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=32, unique=True)),
                ('imei', models.CharField(max_length=15)),
                ('registration', models.CharField(blank=True, max_length=12)),
                ('form', models.CharField(max_length=12)),
                ('act', models.CharField(max_length=16)),
                ('text', models.CharField(max_length=200)),
                ('reason', models.CharField(max_length=300)),
                ('ordered_at', models.DateTimeField()),
                ('ordered_by', models.BigIntegerField(null=True)),
                ('ordered_role', models.CharField(max_length=20)),
                ('until', models.DateTimeField()),
                ('state', models.CharField(default='queued', max_length=10)),
                ('tries', models.PositiveSmallIntegerField(default=0)),
                ('moved_at', models.DateTimeField(null=True)),
                ('answer', models.TextField(blank=True)),
            ],
            options={
                'ordering': ['-ordered_at', '-id'],
                'indexes': [models.Index(fields=['imei', 'ordered_at'], name='command_device_at')],
            },
        ),
        migrations.CreateModel(
            name='DeviceDay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('imei', models.CharField(max_length=15)),
                ('day', models.DateField()),
                ('frames', models.PositiveIntegerField()),
                ('bad', models.PositiveIntegerField()),
                ('no_fix', models.PositiveIntegerField()),
                ('late', models.PositiveIntegerField()),
                ('clock_error_s', models.FloatField(null=True)),
            ],
            options={
                'indexes': [models.Index(fields=['day'], name='device_day')],
                'constraints': [models.UniqueConstraint(fields=('imei', 'day'), name='one_count_a_device_day')],
            },
        ),
        migrations.CreateModel(
            name='DeviceEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('seq', models.BigIntegerField(unique=True)),
                ('kind', models.CharField(max_length=40)),
                ('imei', models.CharField(max_length=15)),
                ('registration', models.CharField(blank=True, max_length=12)),
                ('at', models.DateTimeField()),
                ('received_at', models.DateTimeField()),
                ('payload', models.JSONField(default=dict)),
                ('withdrawn_at', models.DateTimeField(null=True)),
            ],
            options={
                'ordering': ['seq'],
                'indexes': [models.Index(fields=['registration', 'at'], name='device_event_vehicle_at'), models.Index(fields=['kind', 'at'], name='device_event_kind_at')],
            },
        ),
        migrations.CreateModel(
            name='FenceEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('seq', models.BigIntegerField(unique=True)),
                ('kind', models.CharField(choices=[('entered', 'entered'), ('left', 'left')], max_length=8)),
                ('imei', models.CharField(max_length=15)),
                ('registration', models.CharField(blank=True, max_length=12)),
                ('fence_id', models.CharField(max_length=60)),
                ('fence_kind', models.CharField(max_length=12)),
                ('at', models.DateTimeField()),
                ('received_at', models.DateTimeField()),
                ('lat', models.FloatField(null=True)),
                ('lon', models.FloatField(null=True)),
                ('late', models.BooleanField(default=False)),
                ('withdrawn_at', models.DateTimeField(null=True)),
                ('withdrawn_seq', models.BigIntegerField(null=True)),
            ],
            options={
                'ordering': ['seq'],
                'indexes': [models.Index(fields=['registration', 'at'], name='fence_event_vehicle_at'), models.Index(fields=['imei', 'at'], name='fence_event_device_at'), models.Index(condition=models.Q(('withdrawn_seq__isnull', False)), fields=['withdrawn_seq'], name='fence_event_withdrawn'), models.Index(fields=['fence_id', 'at'], name='fence_event_fence_at')],
            },
        ),
        migrations.CreateModel(
            name='Sighting',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('registration', models.CharField(max_length=12)),
                ('district', models.CharField(max_length=40)),
                ('last_at', models.DateTimeField()),
            ],
            options={
                'indexes': [models.Index(fields=['district', 'registration'], name='sighting_district')],
                'constraints': [models.UniqueConstraint(fields=('registration', 'district'), name='one_sighting_a_district')],
            },
        ),
        migrations.CreateModel(
            name='Trip',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('imei', models.CharField(max_length=15)),
                ('registration', models.CharField(blank=True, max_length=12)),
                ('source_fence', models.CharField(max_length=60)),
                ('started_at', models.DateTimeField()),
                ('destination_fence', models.CharField(blank=True, max_length=60)),
                ('ended_at', models.DateTimeField(null=True)),
                ('distance_km', models.DecimalField(decimal_places=3, max_digits=9, null=True)),
                ('max_speed_kmh', models.FloatField(null=True)),
                ('withdrawn_at', models.DateTimeField(null=True)),
            ],
            options={
                'ordering': ['-started_at'],
                'indexes': [models.Index(fields=['registration', 'started_at'], name='trip_vehicle_started')],
                'constraints': [models.UniqueConstraint(fields=('imei', 'started_at'), name='trip_once_a_start')],
            },
        ),
        migrations.CreateModel(
            name='PhoneStandIn',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('holder', models.CharField(max_length=160)),
                ('reason', models.CharField(max_length=300)),
                ('begins_at', models.DateTimeField()),
                ('until', models.DateTimeField()),
                ('ordered_by', models.BigIntegerField(null=True)),
                ('ended_at', models.DateTimeField(null=True)),
                ('fault', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='registers.entry')),
                ('device', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='registry.device')),
                ('vehicle', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='registry.vehicle')),
                ('phone', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='stand_ins', to='registry.device')),
            ],
            options={
                'ordering': ['-begins_at', '-id'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True)), fields=('fault',), name='one_phone_a_fault'), models.CheckConstraint(condition=models.Q(('until__gt', models.F('begins_at'))), name='phone_ends_after')],
            },
        ),
    ]
