import django.db.models.deletion
import immis.core.facts
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('core', '0001_initial'),
        ('registry', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Case',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(max_length=30, unique=True)),
                ('offence', models.CharField(max_length=30)),
                ('trigger_code', models.CharField(blank=True, max_length=20)),
                ('district', models.CharField(max_length=40)),
                ('lease_code', models.CharField(blank=True, max_length=30)),
                ('challan_number', models.CharField(blank=True, max_length=40)),
                ('evidence', immis.core.facts.FactsField(default=dict)),
                ('occurred_at', models.DateTimeField()),
                ('proposed_paise', models.BigIntegerField(default=0)),
                ('ordered_paise', models.BigIntegerField(null=True)),
                ('order_reason', models.TextField(blank=True)),
                ('demand_number', models.CharField(blank=True, max_length=40)),
                ('state', models.CharField(choices=[('opened', 'opened'), ('noticed', 'noticed'), ('ordered', 'ordered'), ('paid', 'paid'), ('closed', 'closed'), ('dropped', 'dropped')], default='opened', max_length=10)),
                ('opened_at', models.DateTimeField()),
                ('noticed_at', models.DateTimeField(null=True)),
                ('reply_due_at', models.DateTimeField(null=True)),
                ('reply', models.TextField(blank=True)),
                ('replied_at', models.DateTimeField(null=True)),
                ('ordered_at', models.DateTimeField(null=True)),
                ('paid_at', models.DateTimeField(null=True)),
                ('closed_at', models.DateTimeField(null=True)),
                ('outcome', models.TextField(blank=True)),
                ('office', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='registry.office')),
                ('party', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='registry.party')),
                ('vehicle', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='registry.vehicle')),
            ],
            options={
                'indexes': [models.Index(fields=['district', 'state', '-opened_at'], name='enforcement_distric_0e1f04_idx'), models.Index(fields=['demand_number'], name='enforcement_demand__d12a70_idx'), models.Index(fields=['challan_number'], name='enforcement_challan_90a2c9_idx')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('offence', 'gps_tamper'), ('state__in', ['opened', 'noticed'])), fields=('vehicle',), name='one_open_tamper_case_a_vehicle'), models.UniqueConstraint(condition=models.Q(('state__in', ['opened', 'noticed']), models.Q(('challan_number', ''), _negated=True), models.Q(('offence', 'gps_tamper'), _negated=True)), fields=('offence', 'challan_number'), name='one_open_case_a_challan')],
            },
        ),
        migrations.CreateModel(
            name='FailedEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('attempts', models.PositiveIntegerField(default=0)),
                ('error', models.TextField()),
                ('failed_at', models.DateTimeField()),
                ('next_try_at', models.DateTimeField()),
                ('resolved_at', models.DateTimeField(null=True)),
                ('event', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='failure', to='core.outboxevent')),
            ],
        ),
        migrations.CreateModel(
            name='Outcome',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('trigger_code', models.CharField(max_length=20)),
                ('policy_on', models.DateField()),
                ('facts', immis.core.facts.FactsField(default=dict)),
                ('consequences', immis.core.facts.FactsField(default=list)),
                ('at', models.DateTimeField()),
                ('event', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.outboxevent')),
            ],
            options={
                'indexes': [models.Index(fields=['at'], name='outcome_at')],
                'constraints': [models.UniqueConstraint(fields=('trigger_code', 'event'), name='one_outcome_a_trigger_and_event')],
            },
        ),
        migrations.CreateModel(
            name='Task',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('role', models.CharField(max_length=20)),
                ('code', models.CharField(max_length=20)),
                ('subject_kind', models.CharField(max_length=30)),
                ('subject_id', models.CharField(max_length=60)),
                ('facts', immis.core.facts.FactsField(default=dict)),
                ('act', models.CharField(blank=True, max_length=30)),
                ('opened_at', models.DateTimeField()),
                ('due_at', models.DateTimeField()),
                ('escalated_at', models.DateTimeField(null=True)),
                ('state', models.CharField(choices=[('open', 'open'), ('done', 'done'), ('dismissed', 'dismissed')], default='open', max_length=10)),
                ('decided_at', models.DateTimeField(null=True)),
                ('decided_by', models.BigIntegerField(null=True)),
                ('decided_by_name', models.CharField(blank=True, max_length=120)),
                ('note', models.TextField(blank=True)),
                ('case', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='tasks', to='enforcement.case')),
                ('office', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='registry.office')),
            ],
            options={
                'indexes': [models.Index(fields=['office', 'state', 'due_at'], name='enforcement_office__12f378_idx'), models.Index(fields=['subject_kind', 'subject_id'], name='enforcement_subject_588408_idx'), models.Index(condition=models.Q(('escalated_at__isnull', True), ('state', 'open')), fields=['due_at'], name='task_overdue')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'open')), fields=('office', 'role', 'code', 'subject_kind', 'subject_id'), name='one_open_task_a_subject')],
            },
        ),
    ]
