import django.db.models.deletion
from django.db import migrations, models

from immis.core.append_only import append_only


class Migration(migrations.Migration):

    dependencies = [
        ('leases', '0004_merge_0002_Q_life_0003_r_first_versions'),
        ('registry', '0002_Q_block_versions'),
    ]

    operations = [
        migrations.AlterField(
            model_name='leaseact',
            name='kind',
            field=models.CharField(choices=[('obtainer', 'obtainer'), ('extension', 'extension'), ('valid_reason', 'valid_reason'), ('demarcation', 'demarcation'), ('forfeiture', 'forfeiture'), ('surrender_asked', 'surrender_asked'), ('surrendered', 'surrendered'), ('cancelled', 'cancelled'), ('certificate', 'certificate'), ('increase', 'increase'), ('refund', 'refund'), ('carried', 'carried'), ('stored_sand', 'stored_sand'), ('royalty', 'royalty'), ('plan_check', 'plan_check'), ('pits_refilled', 'pits_refilled')], max_length=16),
        ),
        migrations.CreateModel(
            name='PriceOrder',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(max_length=120, unique=True)),
                ('district', models.CharField(max_length=40)),
                ('from_on', models.DateField()),
                ('price_paise', models.BigIntegerField(null=True)),
                ('amount_paise', models.BigIntegerField(default=0)),
                ('costs_paise', models.BigIntegerField(default=0)),
                ('margin_paise', models.BigIntegerField(default=0)),
                ('reason', models.CharField(max_length=500)),
                ('by', models.BigIntegerField(null=True)),
                ('role', models.CharField(max_length=20)),
                ('at', models.DateTimeField()),
                ('block', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='price_orders', to='registry.block')),
            ],
            options={
                'ordering': ['-from_on', '-id'],
                'indexes': [models.Index(fields=['district', 'from_on'], name='price_order_district')],
                'constraints': [models.CheckConstraint(condition=models.Q(('price_paise__isnull', True), ('price_paise__gt', 0), _connector='OR'), name='price_positive')],
            },
        ),
        migrations.CreateModel(
            name='ProposalHint',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(max_length=80)),
                ('status', models.CharField(blank=True, max_length=120)),
                ('status_on', models.DateField(null=True)),
                ('agency', models.CharField(max_length=160)),
                ('found_at', models.DateTimeField()),
                ('clearance', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='hints', to='leases.clearance')),
            ],
            options={
                'ordering': ['number'],
                'constraints': [models.UniqueConstraint(fields=('clearance', 'number'), name='one_hint_a_proposal')],
            },
        ),
        append_only("leases_priceorder"),
    ]
