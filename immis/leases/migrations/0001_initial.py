import django.db.models.deletion
import immis.core.facts
from django.db import migrations, models

from immis.core.guards import append_only


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('registry', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Lease',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.SlugField(max_length=40, unique=True)),
                ('lot_code', models.CharField(max_length=40, unique=True)),
                ('district', models.CharField(max_length=40)),
                ('bid_rupees', models.BigIntegerField()),
                ('auction_closed_at', models.DateTimeField()),
                ('security_paise', models.BigIntegerField()),
                ('emd_adjusted_paise', models.BigIntegerField(default=0)),
                ('documents_received_on', models.DateField(null=True)),
                ('assets_received_on', models.DateField(null=True)),
                ('members', models.JSONField(default=list)),
                ('loi_number', models.CharField(blank=True, max_length=60)),
                ('loi_on', models.DateField(null=True)),
                ('deed_on', models.DateField(null=True)),
                ('registered_on', models.DateField(null=True)),
                ('registration_number', models.CharField(blank=True, max_length=60)),
                ('period_from', models.DateField(null=True)),
                ('period_to', models.DateField(null=True)),
                ('gst_registered_on', models.DateField(null=True)),
                ('permission_number', models.CharField(blank=True, max_length=60)),
                ('permitted_at', models.DateTimeField(null=True)),
                ('cancelled_at', models.DateTimeField(null=True)),
                ('cancel_reason', models.CharField(blank=True, max_length=300)),
                ('ended_kind', models.CharField(blank=True, max_length=12)),
                ('reauction_at', models.DateTimeField(null=True)),
                ('clearances_by', models.CharField(default='settlee', max_length=12)),
                ('demarcated_on', models.DateField(null=True)),
                ('demarcated_version', models.PositiveIntegerField(null=True)),
                ('block', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='leases', to='registry.block')),
                ('party', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='leases', to='registry.party')),
            ],
            options={
                'ordering': ['number'],
                'indexes': [models.Index(fields=['district'], name='lease_district')],
                'constraints': [models.CheckConstraint(condition=models.Q(('deed_on__isnull', True), ('loi_on__isnull', False), _connector='OR'), name='deed_after_loi'), models.CheckConstraint(condition=models.Q(('permitted_at__isnull', True), ('deed_on__isnull', False), _connector='OR'), name='permission_after_deed'), models.CheckConstraint(condition=models.Q(('ended_kind', ''), ('cancelled_at__isnull', False), _connector='OR'), name='ended_when'), models.CheckConstraint(condition=models.Q(('clearances_by__in', ['settlee', 'department'])), name='clearances_by_one_side')],
            },
        ),
        migrations.CreateModel(
            name='Clearance',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('plan', 'plan'), ('ec', 'ec'), ('cte_cto', 'cte_cto'), ('water', 'water')], max_length=10)),
                ('applied_on', models.DateField()),
                ('granted_on', models.DateField(null=True)),
                ('reference', models.CharField(blank=True, max_length=120)),
                ('quantity_m3', models.PositiveIntegerField(null=True)),
                ('valid_until', models.DateField(null=True)),
                ('refused_on', models.DateField(null=True)),
                ('closed_months', models.JSONField(null=True)),
                ('version', models.PositiveIntegerField(default=0)),
                ('lease', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='clearances', to='leases.lease')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('valid_until__isnull', False)), fields=['valid_until'], name='clearance_ends'), models.Index(condition=models.Q(('granted_on__isnull', True), ('kind', 'water'), ('refused_on__isnull', True)), fields=['applied_on'], name='clearance_water_open')],
                'constraints': [models.UniqueConstraint(fields=('lease', 'kind'), name='one_clearance_a_kind'), models.CheckConstraint(condition=models.Q(('granted_on__isnull', True), ('granted_on__gte', models.F('applied_on')), _connector='OR'), name='granted_after_applied')],
            },
        ),
        migrations.CreateModel(
            name='LeaseAct',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('obtainer', 'obtainer'), ('extension', 'extension'), ('valid_reason', 'valid_reason'), ('demarcation', 'demarcation'), ('forfeiture', 'forfeiture'), ('surrender_asked', 'surrender_asked'), ('surrendered', 'surrendered'), ('cancelled', 'cancelled'), ('certificate', 'certificate'), ('increase', 'increase'), ('refund', 'refund'), ('carried', 'carried'), ('stored_sand', 'stored_sand'), ('royalty', 'royalty'), ('plan_check', 'plan_check'), ('pits_refilled', 'pits_refilled'), ('proposal', 'proposal')], max_length=16)),
                ('on', models.DateField()),
                ('reference', models.CharField(blank=True, max_length=160)),
                ('reason', models.CharField(blank=True, max_length=500)),
                ('facts', immis.core.facts.FactsField(default=dict)),
                ('by', models.BigIntegerField(null=True)),
                ('role', models.CharField(max_length=20)),
                ('at', models.DateTimeField()),
                ('key', models.CharField(max_length=160, null=True, unique=True)),
                ('lease', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='acts', to='leases.lease')),
            ],
            options={
                'ordering': ['id'],
                'indexes': [models.Index(fields=['lease', 'kind'], name='lease_act_kind')],
            },
        ),
        migrations.CreateModel(
            name='LeaseNotice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(max_length=60, unique=True)),
                ('kind', models.CharField(choices=[('show_cause', 'show_cause'), ('non_payment', 'non_payment'), ('surrender_dues', 'surrender_dues')], max_length=16)),
                ('grounds', models.CharField(max_length=1000)),
                ('demands', models.JSONField(default=list)),
                ('amount_paise', models.BigIntegerField(default=0)),
                ('other_paise', models.BigIntegerField(default=0)),
                ('issued_at', models.DateTimeField()),
                ('issued_by', models.BigIntegerField(null=True)),
                ('due_on', models.DateField()),
                ('reply', models.TextField(blank=True)),
                ('replied_at', models.DateTimeField(null=True)),
                ('replied_by', models.BigIntegerField(null=True)),
                ('closed_at', models.DateTimeField(null=True)),
                ('closed_by', models.BigIntegerField(null=True)),
                ('outcome', models.CharField(blank=True, max_length=16)),
                ('outcome_reason', models.CharField(blank=True, max_length=500)),
                ('lease', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='notices', to='leases.lease')),
            ],
            options={
                'ordering': ['id'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('closed_at__isnull', True)), fields=('lease', 'kind'), name='one_open_notice_a_kind')],
            },
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
            name='ProposalChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(max_length=80)),
                ('at', models.DateTimeField()),
                ('was', models.CharField(blank=True, max_length=120)),
                ('status', models.CharField(max_length=120)),
                ('status_on', models.DateField(null=True)),
                ('body', models.JSONField(default=dict)),
                ('clearance', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='proposal_changes', to='leases.clearance')),
            ],
            options={
                'ordering': ['-at', '-id'],
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
        migrations.CreateModel(
            name='ProposalWatch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(max_length=80)),
                ('status', models.CharField(blank=True, max_length=120)),
                ('status_on', models.DateField(null=True)),
                ('changed_at', models.DateTimeField(null=True)),
                ('answered_at', models.DateTimeField(null=True)),
                ('failures', models.PositiveSmallIntegerField(default=0)),
                ('problem', models.CharField(blank=True, max_length=200)),
                ('next_ask_at', models.DateTimeField(null=True)),
                ('clearance', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='proposal', to='leases.clearance')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('next_ask_at__isnull', False)), fields=['next_ask_at'], name='proposal_to_ask')],
            },
        ),
        migrations.CreateModel(
            name='ClearanceVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('reference', models.CharField(blank=True, max_length=120)),
                ('granted_on', models.DateField()),
                ('valid_until', models.DateField(null=True)),
                ('quantity_m3', models.PositiveIntegerField(null=True)),
                ('closed_months', models.JSONField(null=True)),
                ('rule_code', models.CharField(blank=True, max_length=20)),
                ('document', models.JSONField(default=dict)),
                ('recorded_at', models.DateTimeField()),
                ('recorded_by', models.BigIntegerField(null=True)),
                ('clearance', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='versions', to='leases.clearance')),
            ],
            options={
                'ordering': ['clearance_id', 'number'],
                'constraints': [models.UniqueConstraint(fields=('clearance', 'number'), name='one_version_a_number')],
            },
        ),
        # what the database itself refuses
        append_only("leases_leaseact"),
        append_only("leases_clearanceversion"),
        append_only("leases_proposalchange"),
        append_only("leases_priceorder"),
    ]
