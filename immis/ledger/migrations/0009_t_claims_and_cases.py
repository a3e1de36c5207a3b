import django.db.models.deletion
from django.db import migrations, models

from immis.core.append_only import append_only
from immis.core.guards import refuse

_CLAIM_CHANGED = """
OLD.state <> 'asked' OR NEW.amount_paise <> OLD.amount_paise OR NEW.party_id <> OLD.party_id
OR NEW.number <> OLD.number OR NEW.account <> OLD.account OR NEW.asked_by <> OLD.asked_by
"""


class Migration(migrations.Migration):

    dependencies = [
        ('auctions', '0005_t_case_register_and_obtainer'),
        ('ledger', '0008_merge_0004_o_refund_guards_0007_m_covering'),
        ('registry', '0002_Q_block_versions'),
    ]

    operations = [
        # the table is that of the auctions' register, with its rows
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.CreateModel(
                    name='CertificateCase',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('pan', models.CharField(max_length=10)),
                        ('name', models.CharField(max_length=160)),
                        ('case_number', models.CharField(max_length=80)),
                        ('office', models.CharField(max_length=160)),
                        ('district', models.CharField(blank=True, max_length=40)),
                        ('amount_paise', models.BigIntegerField()),
                        ('filed_on', models.DateField()),
                        ('entered_by', models.BigIntegerField(null=True)),
                        ('entered_at', models.DateTimeField()),
                        ('closed_on', models.DateField(null=True)),
                        ('close_order', models.CharField(blank=True, max_length=80)),
                    ],
                    options={
                        'ordering': ['-filed_on', '-id'],
                        'indexes': [models.Index(fields=['pan'], name='certificate_case_pan')],
                        'constraints': [models.UniqueConstraint(fields=('office', 'case_number'), name='one_certificate_case')],
                    },
                ),
            ],
        ),
        migrations.AddField(
            model_name='certificatecase',
            name='subject_kind',
            field=models.CharField(blank=True, max_length=30, default=''),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='certificatecase',
            name='subject_id',
            field=models.CharField(blank=True, max_length=60, default=''),
            preserve_default=False,
        ),
        migrations.AddIndex(
            model_name='certificatecase',
            index=models.Index(fields=['subject_kind', 'subject_id'], name='certificate_case_subject'),
        ),
        migrations.CreateModel(
            name='RefundClaim',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(max_length=40, unique=True)),
                ('kind', models.CharField(choices=[('credit', 'credit'), ('refused', 'refused')], max_length=8)),
                ('subject_kind', models.CharField(max_length=30)),
                ('subject_id', models.CharField(max_length=60)),
                ('district', models.CharField(blank=True, max_length=40)),
                ('amount_paise', models.BigIntegerField()),
                ('account', models.CharField(max_length=40)),
                ('reason', models.CharField(max_length=300)),
                ('state', models.CharField(choices=[('asked', 'asked'), ('approved', 'approved'), ('rejected', 'rejected')], default='asked', max_length=10)),
                ('asked_at', models.DateTimeField()),
                ('asked_by', models.BigIntegerField()),
                ('decided_at', models.DateTimeField(null=True)),
                ('decided_by', models.BigIntegerField(null=True)),
                ('decision', models.CharField(blank=True, max_length=300)),
                ('order', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='claim', to='ledger.refundorder')),
                ('party', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='refund_claims', to='registry.party')),
                ('receipt', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='claims', to='ledger.receipt')),
            ],
            options={
                'ordering': ['-id'],
                'constraints': [models.CheckConstraint(condition=models.Q(('amount_paise__gt', 0)), name='claim_positive'), models.CheckConstraint(condition=models.Q(('decided_by__isnull', True), models.Q(('decided_by', models.F('asked_by')), _negated=True), _connector='OR'), name='claim_by_two_persons'), models.CheckConstraint(condition=models.Q(models.Q(('order__isnull', False), ('state', 'approved')), models.Q(models.Q(('state', 'approved'), _negated=True), ('order__isnull', True)), _connector='OR'), name='claim_approved_order'), models.CheckConstraint(condition=models.Q(('kind', 'credit'), ('receipt__isnull', False), _connector='OR'), name='claim_refused_receipt'), models.UniqueConstraint(condition=models.Q(('kind', 'credit'), ('state', 'asked')), fields=('subject_kind', 'subject_id', 'party'), name='one_open_credit_claim'), models.UniqueConstraint(condition=models.Q(('receipt__isnull', False), models.Q(('state', 'rejected'), _negated=True)), fields=('receipt',), name='one_claim_a_receipt')],
            },
        ),
        append_only("ledger_refundclaim", events=("DELETE",)),
        refuse(
            "ledger_claim_fixed",
            table="ledger_refundclaim",
            event="UPDATE",
            condition=_CLAIM_CHANGED,
            words="a claim is decided once and keeps its amount",
        ),
    ]
