import django.db.models.deletion
import immis.core.facts
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('leases', '0001_initial'),
        ('registry', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Challan',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(max_length=24, unique=True)),
                ('pass_id', models.CharField(max_length=16, unique=True)),
                ('key', models.CharField(max_length=64, null=True, unique=True)),
                ('imei', models.CharField(max_length=15)),
                ('mineral', models.CharField(default='sand', max_length=20)),
                ('quantity_m3', models.DecimalField(decimal_places=3, max_digits=8)),
                ('distance_km', models.DecimalField(decimal_places=3, max_digits=8)),
                ('driver_name', models.CharField(max_length=120)),
                ('driver_phone', models.CharField(blank=True, max_length=15)),
                ('issued_by_id', models.BigIntegerField(null=True)),
                ('issued_at', models.DateTimeField()),
                ('valid_until', models.DateTimeField()),
                ('issue_lat', models.FloatField()),
                ('issue_lon', models.FloatField()),
                ('issue_fix_at', models.DateTimeField()),
                ('state', models.CharField(choices=[('issued', 'issued'), ('invalid', 'invalid'), ('completed', 'completed'), ('cancelled', 'cancelled'), ('expired', 'expired')], default='issued', max_length=10)),
                ('state_rule', models.CharField(blank=True, max_length=20)),
                ('state_facts', immis.core.facts.FactsField(default=dict)),
                ('state_at', models.DateTimeField()),
                ('started_at', models.DateTimeField(null=True)),
                ('completed_at', models.DateTimeField(null=True)),
                ('start_due_at', models.DateTimeField(null=True)),
                ('place_checked_at', models.DateTimeField(null=True)),
                ('pass_text', models.TextField()),
                ('lease', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='challans', to='leases.lease')),
                ('party', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='challans', to='registry.party')),
                ('place', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='challans', to='registry.place')),
                ('vehicle', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='challans', to='registry.vehicle')),
            ],
            options={
                'ordering': ['-issued_at', '-id'],
                'indexes': [models.Index(fields=['state', 'issued_at'], name='challan_state_issued'), models.Index(fields=['lease', 'issued_at'], name='challan_lease_issued'), models.Index(fields=['vehicle', 'issued_at'], name='challan_vehicle_issued'), models.Index(fields=['imei', 'issued_at'], name='challan_imei_issued'), models.Index(condition=models.Q(('place_checked_at__isnull', True)), fields=['id'], name='challan_place_unchecked'), models.Index(condition=models.Q(('start_due_at__isnull', False), ('state', 'issued')), fields=['start_due_at'], name='challan_start_due'), models.Index(condition=models.Q(('state', 'issued')), fields=['valid_until'], name='challan_ends'), models.Index(condition=models.Q(('state__in', ['invalid', 'cancelled'])), fields=['valid_until'], name='challan_stopped')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'issued')), fields=('vehicle',), name='one_live_challan_a_vehicle'), models.CheckConstraint(condition=models.Q(('quantity_m3__gt', 0)), name='challan_quantity_positive'), models.CheckConstraint(condition=models.Q(('valid_until__gt', models.F('issued_at'))), name='challan_valid_after_issue')],
            },
        ),
        migrations.CreateModel(
            name='CheckPostScan',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('user_id', models.BigIntegerField(null=True)),
                ('at', models.DateTimeField()),
                ('lat', models.FloatField(null=True)),
                ('lon', models.FloatField(null=True)),
                ('asked', models.CharField(max_length=120)),
                ('registration', models.CharField(blank=True, max_length=12)),
                ('verdict', models.CharField(max_length=4)),
                ('reason', models.CharField(max_length=40)),
                ('facts', immis.core.facts.FactsField(default=dict)),
                ('challan', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='scans', to='challans.challan')),
                ('office', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='scans', to='registry.office')),
            ],
            options={
                'ordering': ['-at', '-id'],
                'indexes': [models.Index(fields=['office', 'at'], name='scan_office_at'), models.Index(fields=['challan', 'at'], name='scan_challan_at')],
            },
        ),
    ]
