import immis.core.facts
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Hold',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('subject_kind', models.CharField(max_length=30)),
                ('subject_id', models.CharField(max_length=60)),
                ('stops', models.CharField(max_length=30)),
                ('rule_code', models.CharField(max_length=20)),
                ('reason', models.CharField(blank=True, max_length=500)),
                ('facts', immis.core.facts.FactsField(default=dict)),
                ('reference', models.CharField(max_length=160)),
                ('ordered_by', models.BigIntegerField(null=True)),
                ('ordered_role', models.CharField(max_length=20)),
                ('ordered_at', models.DateTimeField()),
                ('since', models.DateTimeField()),
                ('until', models.DateTimeField(null=True)),
                ('lifted_at', models.DateTimeField(null=True)),
                ('lifted_by', models.BigIntegerField(null=True)),
                ('lift_reference', models.CharField(blank=True, max_length=160)),
                ('key', models.CharField(max_length=160, null=True, unique=True)),
                ('document', models.CharField(blank=True, max_length=64)),
                ('lift_document', models.CharField(blank=True, max_length=64)),
            ],
            options={
                'indexes': [models.Index(fields=['subject_kind', 'subject_id', 'stops'], name='hold_subject')],
                'constraints': [models.CheckConstraint(condition=models.Q(('until__isnull', True), ('until__gt', models.F('since')), _connector='OR'), name='hold_ends_after_start')],
            },
        ),
        migrations.CreateModel(
            name='HoldSpell',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('subject_kind', models.CharField(max_length=30)),
                ('subject_id', models.CharField(max_length=60)),
                ('stops', models.CharField(max_length=30)),
                ('rule_code', models.CharField(max_length=20)),
                ('cause_key', models.CharField(max_length=160, unique=True)),
                ('since', models.DateTimeField()),
                ('announced_at', models.DateTimeField()),
                ('facts', immis.core.facts.FactsField(default=dict)),
                ('ended_at', models.DateTimeField(null=True)),
                ('ended_by', models.BigIntegerField(null=True)),
                ('end_cause', models.CharField(blank=True, max_length=60)),
            ],
            options={
                'indexes': [models.Index(fields=['subject_kind', 'subject_id'], name='spell_subject'), models.Index(condition=models.Q(('ended_at__isnull', True)), fields=['id'], name='spell_open')],
            },
        ),
        migrations.CreateModel(
            name='Suspension',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('subject_kind', models.CharField(max_length=30)),
                ('subject_id', models.CharField(max_length=60)),
                ('rule_code', models.CharField(max_length=20)),
                ('cause', models.CharField(max_length=160)),
                ('authority', models.CharField(max_length=20)),
                ('reference', models.CharField(max_length=160)),
                ('reason', models.CharField(blank=True, max_length=500)),
                ('document', models.CharField(max_length=64)),
                ('facts', immis.core.facts.FactsField(default=dict)),
                ('since', models.DateTimeField()),
                ('until', models.DateTimeField()),
                ('entered_at', models.DateTimeField()),
                ('entered_by', models.BigIntegerField(null=True)),
                ('entered_role', models.CharField(max_length=20)),
                ('withdrawn_at', models.DateTimeField(null=True)),
                ('withdrawn_by', models.BigIntegerField(null=True)),
                ('withdraw_reference', models.CharField(blank=True, max_length=160)),
                ('over_told_at', models.DateTimeField(null=True)),
            ],
            options={
                'indexes': [models.Index(fields=['subject_kind', 'subject_id'], name='suspension_subject'), models.Index(condition=models.Q(('over_told_at__isnull', True)), fields=['id'], name='suspension_untold')],
                'constraints': [models.CheckConstraint(condition=models.Q(('until__gt', models.F('since'))), name='suspension_ends_after_start'), models.CheckConstraint(condition=models.Q(models.Q(('document', ''), _negated=True), models.Q(('reference', ''), _negated=True)), name='suspension_has_its_order')],
            },
        ),
    ]
