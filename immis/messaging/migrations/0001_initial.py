import django.db.models.deletion
import immis.core.facts
from django.db import migrations, models

from immis.core.guards import refuse

_NO_WAY_BACK = """OLD.channel = 'sms' AND NEW.state <> OLD.state AND (
  OLD.state IN ('delivered', 'undelivered', 'refused', 'failed', 'no_service')
  OR (OLD.state = 'sent' AND NEW.state NOT IN ('delivered', 'undelivered'))
  OR (OLD.state = 'unknown' AND NEW.state NOT IN ('sent', 'delivered', 'undelivered', 'refused'))
  OR (OLD.state = 'queued' AND NEW.state NOT IN ('sending', 'refused', 'failed'))
)"""


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Message',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('to_kind', models.CharField(choices=[('party', 'party'), ('office', 'office'), ('phone', 'phone')], max_length=10)),
                ('to_id', models.CharField(max_length=60)),
                ('template', models.CharField(max_length=20)),
                ('facts', immis.core.facts.FactsField(default=dict)),
                ('subject_kind', models.CharField(blank=True, max_length=30)),
                ('subject_id', models.CharField(blank=True, max_length=60)),
                ('district', models.CharField(blank=True, max_length=40)),
                ('key', models.CharField(max_length=160, null=True, unique=True)),
                ('at', models.DateTimeField()),
                ('read_at', models.DateTimeField(null=True)),
                ('read_by', models.BigIntegerField(null=True)),
            ],
            options={
                'indexes': [models.Index(fields=['to_kind', 'to_id', '-at'], name='messaging_m_to_kind_88a9e8_idx'), models.Index(fields=['subject_kind', 'subject_id'], name='messaging_m_subject_5584f7_idx')],
            },
        ),
        migrations.CreateModel(
            name='SmsText',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('template', models.CharField(max_length=20)),
                ('lang', models.CharField(max_length=2)),
                ('number', models.CharField(max_length=30)),
                ('header', models.CharField(max_length=11)),
                ('category', models.CharField(max_length=20)),
                ('text', models.CharField(max_length=1000)),
                ('reason', models.CharField(blank=True, max_length=300)),
                ('entered_at', models.DateTimeField()),
                ('entered_by', models.BigIntegerField(null=True)),
                ('ended_at', models.DateTimeField(null=True)),
                ('ended_by', models.BigIntegerField(null=True)),
                ('ended_why', models.CharField(blank=True, max_length=300)),
            ],
            options={
                'ordering': ['template', 'lang', '-entered_at'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True)), fields=('template', 'lang'), name='one_sms_text_a_language')],
            },
        ),
        migrations.CreateModel(
            name='Delivery',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('channel', models.CharField(choices=[('portal', 'portal'), ('email', 'email'), ('sms', 'sms')], max_length=6)),
                ('address', models.CharField(blank=True, max_length=254)),
                ('state', models.CharField(choices=[('queued', 'queued'), ('sending', 'sending'), ('sent', 'sent'), ('unknown', 'unknown'), ('delivered', 'delivered'), ('undelivered', 'undelivered'), ('refused', 'refused'), ('failed', 'failed'), ('no_service', 'no_service')], max_length=12)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('error', models.CharField(blank=True, max_length=300)),
                ('next_try_at', models.DateTimeField(null=True)),
                ('sent_at', models.DateTimeField(null=True)),
                ('lang', models.CharField(blank=True, max_length=2)),
                ('text', models.CharField(blank=True, max_length=1000)),
                ('vendor', models.CharField(blank=True, max_length=10)),
                ('gateway_id', models.CharField(blank=True, max_length=64)),
                ('code', models.CharField(blank=True, max_length=20)),
                ('reported_at', models.DateTimeField(null=True)),
                ('message', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='deliveries', to='messaging.message')),
                ('registered', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='deliveries', to='messaging.smstext')),
            ],
            options={
                'verbose_name_plural': 'deliveries',
                'indexes': [models.Index(condition=models.Q(('next_try_at__isnull', False)), fields=['next_try_at'], name='delivery_queue'), models.Index(condition=models.Q(('gateway_id', ''), _negated=True), fields=['gateway_id'], name='delivery_gateway_id')],
                'constraints': [models.UniqueConstraint(fields=('message', 'channel', 'address'), name='one_delivery_a_channel_and_address')],
            },
        ),
        migrations.CreateModel(
            name='DeliveryReport',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('vendor', models.CharField(max_length=10)),
                ('gateway_id', models.CharField(max_length=64)),
                ('state', models.CharField(max_length=12)),
                ('code', models.CharField(blank=True, max_length=20)),
                ('words', models.CharField(blank=True, max_length=300)),
                ('reported_at', models.DateTimeField()),
                ('received_at', models.DateTimeField()),
                ('delivery', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='reports', to='messaging.delivery')),
            ],
            options={
                'ordering': ['received_at', 'id'],
                'constraints': [models.UniqueConstraint(fields=('vendor', 'gateway_id', 'state'), name='each_state_reported_once')],
            },
        ),
        migrations.CreateModel(
            name='Contact',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('channel', models.CharField(max_length=6)),
                ('address', models.CharField(max_length=254)),
                ('to_kind', models.CharField(max_length=10)),
                ('to_id', models.CharField(max_length=60)),
                ('district', models.CharField(blank=True, max_length=40)),
                ('misses', models.PositiveSmallIntegerField(default=0)),
                ('dead_at', models.DateTimeField(null=True)),
                ('why', models.CharField(blank=True, max_length=20)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('channel', 'address'), name='one_contact_an_address')],
            },
        ),
        migrations.CreateModel(
            name='Wish',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('to_kind', models.CharField(max_length=10)),
                ('to_id', models.CharField(max_length=60)),
                ('sms', models.BooleanField(null=True)),
                ('lang', models.CharField(blank=True, max_length=2)),
                ('changed_at', models.DateTimeField()),
                ('changed_by', models.BigIntegerField(null=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('to_kind', 'to_id'), name='one_wish_a_reader')],
            },
        ),
        migrations.CreateModel(
            name='PhoneCode',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('phone', models.CharField(max_length=15)),
                ('purpose', models.CharField(max_length=30)),
                ('nonce', models.CharField(max_length=32)),
                ('sent_at', models.DateTimeField()),
                ('tries', models.PositiveSmallIntegerField(default=0)),
                ('used_at', models.DateTimeField(null=True)),
            ],
            options={
                'indexes': [models.Index(fields=['phone', 'purpose', '-sent_at'], name='phone_code')],
            },
        ),
        refuse(
            "sms_goes_forward",
            table="messaging_delivery",
            event="UPDATE",
            condition=_NO_WAY_BACK,
            words="an SMS that may have been delivered is never sent again",
        ),
    ]
