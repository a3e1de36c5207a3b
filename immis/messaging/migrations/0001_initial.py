import django.db.models.deletion
import immis.core.facts
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Message',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('to_kind', models.CharField(choices=[('party', 'party'), ('office', 'office')], max_length=10)),
                ('to_id', models.CharField(max_length=60)),
                ('template', models.CharField(max_length=20)),
                ('facts', immis.core.facts.FactsField(default=dict)),
                ('subject_kind', models.CharField(blank=True, max_length=30)),
                ('subject_id', models.CharField(blank=True, max_length=60)),
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
            name='Delivery',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('channel', models.CharField(choices=[('portal', 'portal'), ('email', 'email'), ('sms', 'sms')], max_length=6)),
                ('address', models.CharField(blank=True, max_length=254)),
                ('state', models.CharField(choices=[('queued', 'queued'), ('sent', 'sent'), ('failed', 'failed'), ('no_service', 'no_service')], max_length=10)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('error', models.CharField(blank=True, max_length=300)),
                ('next_try_at', models.DateTimeField(null=True)),
                ('sent_at', models.DateTimeField(null=True)),
                ('message', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='deliveries', to='messaging.message')),
            ],
            options={
                'verbose_name_plural': 'deliveries',
                'indexes': [models.Index(condition=models.Q(('state__in', ['queued', 'failed'])), fields=['next_try_at'], name='delivery_queue')],
                'constraints': [models.UniqueConstraint(fields=('message', 'channel', 'address'), name='one_delivery_a_channel_and_address')],
            },
        ),
    ]
