import django.db.models.deletion
import django.db.models.manager
import immis.core.facts
import immis.auctions.sealing
from django.db import migrations, models

from immis.core.guards import Guard, append_only

#: PostgreSQL tells the process of live events of each public change of a lot; whoever changes it, it tells.
_TELL = """
CREATE FUNCTION lot_changed() RETURNS trigger AS $$
BEGIN PERFORM pg_notify('immis_lots', NEW.code); RETURN NULL; END
$$ LANGUAGE plpgsql;
CREATE TRIGGER lot_changed AFTER UPDATE ON auctions_lot FOR EACH ROW
WHEN (OLD.changes IS DISTINCT FROM NEW.changes) EXECUTE FUNCTION lot_changed();
"""


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('registry', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Bidder',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('registered_at', models.DateTimeField()),
                ('terms_accepted_at', models.DateTimeField()),
                ('valid_until', models.DateField()),
                ('particulars', models.JSONField(default=dict)),
                ('aadhaar_last4', models.CharField(blank=True, max_length=4)),
                ('aadhaar_hash', models.CharField(blank=True, max_length=100)),
                ('fee_demand', models.CharField(blank=True, max_length=40)),
                ('party', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='bidder', to='registry.party')),
            ],
        ),
        migrations.CreateModel(
            name='Lot',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=32, unique=True)),
                ('venue', models.CharField(choices=[('immis', 'immis'), ('eproc', 'eproc')], default='immis', max_length=6)),
                ('serial', models.PositiveIntegerField()),
                ('reserve_rupees', models.BigIntegerField()),
                ('emd_rupees', models.BigIntegerField()),
                ('document_fee_rupees', models.BigIntegerField(default=0)),
                ('opens_at', models.DateTimeField()),
                ('closes_at', models.DateTimeField()),
                ('extended_at', models.DateTimeField(null=True)),
                ('ends_at', models.DateTimeField()),
                ('seq', models.BigIntegerField(default=0)),
                ('changes', models.BigIntegerField(default=0)),
                ('last_at', models.DateTimeField(null=True)),
                ('last_hash', models.CharField(default='0000000000000000000000000000000000000000000000000000000000000000', max_length=64)),
                ('highest_rupees', models.BigIntegerField(null=True)),
                ('seal', models.CharField(default=immis.auctions.sealing.new_seal, max_length=40)),
                ('highest_alias', models.CharField(blank=True, max_length=12)),
                ('result', models.CharField(choices=[('open', 'open'), ('sold', 'sold'), ('single_bid', 'single_bid'), ('no_bids', 'no_bids'), ('aborted', 'aborted')], default='open', max_length=12)),
                ('result_announced_at', models.DateTimeField(null=True)),
                ('paused_at', models.DateTimeField(null=True)),
                ('anchored_at', models.DateTimeField(null=True)),
                ('anchor_hash', models.CharField(blank=True, max_length=64)),
                ('signed_head', models.JSONField(default=dict)),
                ('mock', models.BooleanField(default=False)),
                ('block', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='lots', to='registry.block')),
                ('highest_bidder', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='leading', to='auctions.bidder')),
            ],
            options={
                'ordering': ['code'],
                'base_manager_name': 'every',
            },
            managers=[
                ('objects', django.db.models.manager.Manager()),
                ('every', django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name='LotSuccession',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('attempt', models.PositiveSmallIntegerField()),
                ('lot', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='succeeds', to='auctions.lot')),
                ('previous', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='succeeded_by', to='auctions.lot')),
            ],
        ),
        migrations.CreateModel(
            name='Notice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(blank=True, max_length=20)),
                ('number', models.CharField(max_length=40)),
                ('district', models.CharField(max_length=40)),
                ('title', models.CharField(blank=True, max_length=300)),
                ('programme', models.JSONField(default=dict)),
                ('fees', models.JSONField(default=dict)),
                ('contacts', models.JSONField(default=list)),
                ('findings', immis.core.facts.FactsField(default=list)),
                ('source_name', models.CharField(max_length=200)),
                ('source_sha256', models.CharField(max_length=64, unique=True)),
                ('imported_at', models.DateTimeField()),
                ('clearances_by', models.CharField(blank=True, max_length=12)),
                ('release', models.CharField(blank=True, max_length=120)),
                ('release_url', models.CharField(blank=True, max_length=300)),
                ('issued_by', models.CharField(blank=True, max_length=200)),
                ('parts', models.JSONField(default=list)),
                ('changes', models.JSONField(default=list)),
                ('replaced_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='replaces', to='auctions.notice')),
            ],
            options={
                'ordering': ['-imported_at', '-id'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('replaced_by__isnull', True), models.Q(('code', ''), _negated=True)), fields=('code',), name='one_notice_in_force_a_code')],
            },
        ),
        migrations.AddField(
            model_name='lot',
            name='notice',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='lots', to='auctions.notice'),
        ),
        migrations.CreateModel(
            name='EprocExport',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reference', models.CharField(max_length=60)),
                ('sha256', models.CharField(max_length=64, unique=True)),
                ('signature', models.CharField(max_length=200)),
                ('signed_by', models.CharField(max_length=40)),
                ('source', models.CharField(max_length=10)),
                ('filename', models.CharField(max_length=200)),
                ('received_at', models.DateTimeField()),
                ('received_by', models.BigIntegerField(null=True)),
                ('replaced_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='replaces', to='auctions.eprocexport')),
                ('notice', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='eproc_exports', to='auctions.notice')),
            ],
            options={
                'ordering': ['-received_at', '-id'],
            },
        ),
        migrations.CreateModel(
            name='AuctionOrder',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('act', models.CharField(choices=[('pause', 'pause'), ('resume', 'resume'), ('abort', 'abort'), ('reschedule', 'reschedule')], max_length=10)),
                ('reason', models.CharField(max_length=600)),
                ('new_opens_at', models.DateTimeField(null=True)),
                ('new_closes_at', models.DateTimeField(null=True)),
                ('asked_by', models.BigIntegerField()),
                ('asked_role', models.CharField(max_length=20)),
                ('asked_at', models.DateTimeField()),
                ('confirmed_by', models.BigIntegerField(null=True)),
                ('confirmed_role', models.CharField(blank=True, max_length=20)),
                ('effective_at', models.DateTimeField(null=True)),
                ('state', models.CharField(choices=[('asked', 'asked'), ('effective', 'effective'), ('withdrawn', 'withdrawn')], default='asked', max_length=10)),
                ('lots_touched', models.JSONField(default=list)),
                ('lot', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='orders', to='auctions.lot')),
                ('notice', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='orders', to='auctions.notice')),
            ],
            options={
                'ordering': ['-asked_at', '-id'],
                'constraints': [models.CheckConstraint(condition=models.Q(('confirmed_by__isnull', True), models.Q(('confirmed_by', models.F('asked_by')), _negated=True), _connector='OR'), name='order_by_two_persons'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'effective'), _negated=True), models.Q(('confirmed_by__isnull', False), ('effective_at__isnull', False)), _connector='OR'), name='effective_order_is_confirmed')],
            },
        ),
        migrations.CreateModel(
            name='ResultList',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('rows', models.JSONField()),
                ('sha256', models.CharField(max_length=64)),
                ('published_at', models.DateTimeField()),
                ('published_by', models.BigIntegerField(null=True)),
                ('notice', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='result_list', to='auctions.notice')),
            ],
        ),
        migrations.CreateModel(
            name='RoomPresence',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('device', models.CharField(max_length=16)),
                ('from_at', models.DateTimeField()),
                ('until_at', models.DateTimeField()),
                ('beats', models.PositiveIntegerField(default=1)),
                ('lot', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='presences', to='auctions.lot')),
                ('party', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='registry.party')),
            ],
            options={
                'ordering': ['lot_id', 'from_at', 'id'],
                'indexes': [models.Index(fields=['lot', 'party', 'device', '-until_at'], name='room_presence')],
            },
        ),
        migrations.CreateModel(
            name='SignatureCertificate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('holder', models.CharField(max_length=160)),
                ('issuer', models.CharField(blank=True, max_length=160)),
                ('serial', models.CharField(max_length=64)),
                ('klass', models.PositiveSmallIntegerField()),
                ('valid_until', models.DateField()),
                ('recorded_at', models.DateTimeField()),
                ('verified_at', models.DateTimeField(null=True)),
                ('proof_sha256', models.CharField(blank=True, max_length=64)),
                ('bidder', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='certificates', to='auctions.bidder')),
            ],
            options={
                'ordering': ['-recorded_at', '-id'],
            },
        ),
        migrations.CreateModel(
            name='TechnicalBid',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('alias', models.CharField(max_length=12, null=True)),
                ('applied_at', models.DateTimeField()),
                ('fee_demand', models.CharField(blank=True, max_length=40)),
                ('emd_demand', models.CharField(blank=True, max_length=40)),
                ('processing_demand', models.CharField(blank=True, max_length=40)),
                ('form', models.JSONField(default=dict)),
                ('members', models.JSONField(default=list)),
                ('bank_account', models.CharField(max_length=30)),
                ('turnover_rupees', models.JSONField(default=list)),
                ('documents', models.JSONField(default=list)),
                ('state', models.CharField(choices=[('applied', 'applied'), ('passed', 'passed'), ('failed', 'failed')], default='applied', max_length=10)),
                ('reasons', models.CharField(blank=True, max_length=600)),
                ('decided_by', models.BigIntegerField(null=True)),
                ('decided_at', models.DateTimeField(null=True)),
                ('bidder', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='technical_bids', to='auctions.bidder')),
                ('lot', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='technical_bids', to='auctions.lot')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('lot', 'bidder'), name='one_technical_bid_a_lot'), models.UniqueConstraint(fields=('lot', 'alias'), name='one_alias_a_lot')],
            },
        ),
        migrations.CreateModel(
            name='PaperDecision',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('letter', models.CharField(max_length=4)),
                ('sha256', models.CharField(max_length=64)),
                ('fit', models.BooleanField()),
                ('reason', models.CharField(blank=True, max_length=300)),
                ('decided_by', models.BigIntegerField(null=True)),
                ('decided_at', models.DateTimeField()),
                ('bid', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='paper_decisions', to='auctions.technicalbid')),
            ],
            options={
                'ordering': ['id'],
                'constraints': [models.CheckConstraint(condition=models.Q(('fit', True), models.Q(('reason', ''), _negated=True), _connector='OR'), name='unfit_paper_has_reason')],
            },
        ),
        migrations.CreateModel(
            name='EprocOutcome',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('serial', models.PositiveIntegerField()),
                ('ghat', models.CharField(max_length=200)),
                ('state', models.CharField(choices=[('agreed', 'agreed'), ('differs', 'differs'), ('taken_over', 'taken_over')], max_length=10)),
                ('findings', immis.core.facts.FactsField(default=list)),
                ('stated', immis.core.facts.FactsField(default=dict)),
                ('taken_at', models.DateTimeField(null=True)),
                ('taken_by', models.BigIntegerField(null=True)),
                ('export', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='outcomes', to='auctions.eprocexport')),
                ('lot', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='eproc_outcomes', to='auctions.lot')),
            ],
            options={
                'ordering': ['serial'],
                'constraints': [models.UniqueConstraint(fields=('export', 'serial'), name='one_outcome_a_ghat'), models.UniqueConstraint(condition=models.Q(('state', 'taken_over'), ('taken_by__isnull', False)), fields=('lot',), name='one_take_over_a_lot'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'taken_over'), _negated=True), ('taken_at__isnull', False), _connector='OR'), name='taken_over_when')],
            },
        ),
        migrations.CreateModel(
            name='LotEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('seq', models.BigIntegerField()),
                ('change_no', models.BigIntegerField(null=True)),
                ('at', models.DateTimeField()),
                ('kind', models.CharField(choices=[('bid_accepted', 'bid_accepted'), ('bid_refused', 'bid_refused'), ('extended', 'extended'), ('paused', 'paused'), ('resumed', 'resumed'), ('rescheduled', 'rescheduled'), ('aborted', 'aborted'), ('anchored', 'anchored'), ('closed', 'closed')], max_length=14)),
                ('amount_rupees', models.BigIntegerField(null=True)),
                ('alias', models.CharField(max_length=12, null=True)),
                ('key', models.CharField(max_length=64, null=True)),
                ('body', models.JSONField()),
                ('prev_hash', models.CharField(max_length=64)),
                ('hash', models.CharField(max_length=64)),
                ('lot', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='events', to='auctions.lot')),
            ],
            options={
                'ordering': ['lot_id', 'seq'],
                'constraints': [models.UniqueConstraint(fields=('lot', 'seq'), name='one_order_a_lot'), models.UniqueConstraint(fields=('lot', 'alias', 'key'), name='one_answer_a_key'), models.UniqueConstraint(condition=models.Q(('kind', 'extended')), fields=('lot',), name='one_extension_a_lot'), models.UniqueConstraint(condition=models.Q(('kind', 'closed')), fields=('lot',), name='one_close_a_lot'), models.UniqueConstraint(condition=models.Q(('kind', 'aborted')), fields=('lot',), name='one_abort_a_lot'), models.UniqueConstraint(condition=models.Q(('kind', 'bid_accepted')), fields=('lot', 'amount_rupees'), name='one_bid_an_amount')],
            },
        ),
        migrations.CreateModel(
            name='LotOrder',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('forfeit', 'forfeit'), ('default', 'default'), ('retender', 'retender'), ('recommend', 'recommend'), ('approve', 'approve'), ('reject', 'reject')], max_length=10)),
                ('cause', models.CharField(blank=True, max_length=20)),
                ('number', models.CharField(max_length=80)),
                ('ordered_on', models.DateField()),
                ('reason', models.CharField(blank=True, max_length=600)),
                ('facts', immis.core.facts.FactsField(default=dict)),
                ('by', models.BigIntegerField(null=True)),
                ('at', models.DateTimeField()),
                ('lot', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='follow_ups', to='auctions.lot')),
            ],
            options={
                'ordering': ['id'],
                'constraints': [models.UniqueConstraint(fields=('lot', 'kind'), name='one_order_a_kind'), models.UniqueConstraint(condition=models.Q(('kind__in', ['approve', 'reject'])), fields=('lot',), name='one_department_decision_a_lot')],
            },
        ),
        migrations.AddIndex(
            model_name='lot',
            index=models.Index(fields=['result', 'ends_at'], name='auctions_lo_result_c45099_idx'),
        ),
        # what the database itself refuses
        append_only("auctions_lotevent"),
        append_only("auctions_paperdecision"),
        append_only("auctions_lotorder"),
        append_only("auctions_lotsuccession"),
        append_only("auctions_resultlist"),
        append_only("auctions_signaturecertificate"),
        Guard({"postgresql": [_TELL]}),
    ]
