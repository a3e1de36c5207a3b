import django.contrib.auth.models
import django.contrib.auth.validators
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
import immis.core.facts
from django.db import migrations, models

from immis.core.guards import append_only


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
    ]

    operations = [
        migrations.CreateModel(
            name='Block',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=20, unique=True)),
                ('serial', models.PositiveIntegerField()),
                ('block_no', models.CharField(max_length=10)),
                ('name_en', models.CharField(max_length=160)),
                ('name_hi', models.CharField(max_length=160)),
                ('district', models.CharField(max_length=40)),
                ('river', models.CharField(blank=True, max_length=40)),
                ('area_ha', models.DecimalField(decimal_places=3, max_digits=9)),
                ('quantity_m3', models.PositiveIntegerField()),
                ('corners', models.JSONField()),
                ('land', models.JSONField(default=dict)),
                ('version', models.PositiveIntegerField(default=1)),
            ],
            options={
                'ordering': ['district', 'serial'],
            },
        ),
        migrations.CreateModel(
            name='Device',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('vltd', 'vltd'), ('phone', 'phone')], default='vltd', max_length=8)),
                ('imei', models.CharField(max_length=15, unique=True)),
                ('iccid', models.CharField(blank=True, max_length=22)),
                ('vendor', models.CharField(blank=True, max_length=60)),
                ('model', models.CharField(blank=True, max_length=60)),
                ('msisdn', models.CharField(blank=True, max_length=15)),
                ('certificate_no', models.CharField(blank=True, max_length=60)),
                ('certificate_until', models.DateField(null=True)),
                ('district', models.CharField(blank=True, max_length=40)),
                ('fitted_at', models.DateTimeField(null=True)),
                ('active', models.BooleanField(default=True)),
            ],
        ),
        migrations.CreateModel(
            name='Fence',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.SlugField(max_length=40, unique=True)),
                ('kind', models.CharField(max_length=12)),
                ('name_en', models.CharField(max_length=120)),
                ('name_hi', models.CharField(max_length=120)),
                ('district', models.CharField(blank=True, max_length=40)),
            ],
            options={
                'ordering': ['code'],
            },
        ),
        migrations.CreateModel(
            name='Office',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.SlugField(max_length=40, unique=True)),
                ('name_en', models.CharField(max_length=120)),
                ('name_hi', models.CharField(max_length=120)),
                ('kind', models.CharField(choices=[('hq', 'hq'), ('division', 'division'), ('district', 'district'), ('subdivision', 'subdivision'), ('block', 'block'), ('monitoring', 'monitoring'), ('checkpost', 'checkpost')], max_length=12)),
                ('district', models.CharField(blank=True, max_length=40)),
                ('lgd_code', models.PositiveIntegerField(null=True)),
                ('parent', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='below', to='registry.office')),
            ],
        ),
        migrations.CreateModel(
            name='Place',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.SlugField(max_length=40, unique=True)),
                ('name_en', models.CharField(max_length=120)),
                ('name_hi', models.CharField(max_length=120)),
                ('kind', models.CharField(max_length=12)),
                ('lat', models.FloatField()),
                ('lon', models.FloatField()),
                ('radius_m', models.PositiveIntegerField(default=500)),
                ('district', models.CharField(blank=True, max_length=40)),
            ],
        ),
        migrations.CreateModel(
            name='User',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('password', models.CharField(max_length=128, verbose_name='password')),
                ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                ('is_superuser', models.BooleanField(default=False, help_text='Designates that this user has all permissions without explicitly assigning them.', verbose_name='superuser status')),
                ('username', models.CharField(error_messages={'unique': 'A user with that username already exists.'}, help_text='Required. 150 characters or fewer. Letters, digits and @/./+/-/_ only.', max_length=150, unique=True, validators=[django.contrib.auth.validators.UnicodeUsernameValidator()], verbose_name='username')),
                ('first_name', models.CharField(blank=True, max_length=150, verbose_name='first name')),
                ('last_name', models.CharField(blank=True, max_length=150, verbose_name='last name')),
                ('email', models.EmailField(blank=True, max_length=254, verbose_name='email address')),
                ('is_staff', models.BooleanField(default=False, help_text='Designates whether the user can log into this admin site.', verbose_name='staff status')),
                ('is_active', models.BooleanField(default=True, help_text='Designates whether this user should be treated as active. Unselect this instead of deleting accounts.', verbose_name='active')),
                ('date_joined', models.DateTimeField(default=django.utils.timezone.now, verbose_name='date joined')),
                ('name_en', models.CharField(blank=True, max_length=120)),
                ('name_hi', models.CharField(blank=True, max_length=120)),
                ('language', models.CharField(default='hi', max_length=2)),
                ('groups', models.ManyToManyField(blank=True, help_text='The groups this user belongs to. A user will get all permissions granted to each of their groups.', related_name='user_set', related_query_name='user', to='auth.group', verbose_name='groups')),
                ('user_permissions', models.ManyToManyField(blank=True, help_text='Specific permissions for this user.', related_name='user_set', related_query_name='user', to='auth.permission', verbose_name='user permissions')),
            ],
            options={
                'verbose_name': 'user',
                'verbose_name_plural': 'users',
                'abstract': False,
            },
            managers=[
                ('objects', django.contrib.auth.models.UserManager()),
            ],
        ),
        migrations.CreateModel(
            name='ApiKey',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=80)),
                ('mark', models.CharField(max_length=12, unique=True)),
                ('secret_hash', models.CharField(max_length=64)),
                ('grants', models.JSONField()),
                ('made_at', models.DateTimeField()),
                ('ends_at', models.DateTimeField()),
                ('used_at', models.DateTimeField(null=True)),
                ('ended_at', models.DateTimeField(null=True)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='api_keys', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-made_at', '-id'],
            },
        ),
        migrations.CreateModel(
            name='PairingTest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('begun_at', models.DateTimeField()),
                ('until', models.DateTimeField()),
                ('begun_by', models.BigIntegerField(null=True)),
                ('message_id', models.BigIntegerField(null=True)),
                ('outcome', models.CharField(blank=True, max_length=20)),
                ('heard_at', models.DateTimeField(null=True)),
                ('facts', immis.core.facts.FactsField(default=dict)),
                ('device', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='tests', to='registry.device')),
            ],
            options={
                'ordering': ['-begun_at', '-id'],
            },
        ),
        migrations.CreateModel(
            name='Party',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.SlugField(max_length=40, unique=True)),
                ('name_en', models.CharField(max_length=160)),
                ('name_hi', models.CharField(max_length=160)),
                ('kind', models.CharField(choices=[('individual', 'individual'), ('proprietor', 'proprietor'), ('partnership', 'partnership'), ('company', 'company'), ('society', 'society'), ('cooperative', 'cooperative')], max_length=12)),
                ('pan', models.CharField(max_length=10)),
                ('pan_proved_at', models.DateTimeField(null=True)),
                ('gstin', models.CharField(blank=True, max_length=15)),
                ('email', models.EmailField(max_length=254)),
                ('phone', models.CharField(blank=True, max_length=15)),
                ('address', models.CharField(blank=True, max_length=300)),
                ('bank_account', models.CharField(blank=True, max_length=30)),
                ('users', models.ManyToManyField(related_name='parties', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name_plural': 'parties',
            },
        ),
        migrations.CreateModel(
            name='Vehicle',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('registration', models.CharField(max_length=12, unique=True)),
                ('kind', models.CharField(default='truck', max_length=12)),
                ('wheels', models.PositiveSmallIntegerField(default=10)),
                ('capacity_m3', models.DecimalField(decimal_places=2, max_digits=6)),
                ('owner_name', models.CharField(max_length=160)),
                ('commercial', models.BooleanField(default=True)),
                ('registered_until', models.DateField(null=True)),
                ('active', models.BooleanField(default=True)),
                ('owner', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='vehicles', to='registry.party')),
            ],
        ),
        migrations.AddField(
            model_name='device',
            name='vehicle',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='devices', to='registry.vehicle'),
        ),
        migrations.CreateModel(
            name='BlockVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField()),
                ('record', immis.core.facts.FactsField()),
                ('changed', models.JSONField(default=list)),
                ('reason', models.CharField(blank=True, max_length=500)),
                ('reference', models.CharField(blank=True, max_length=160)),
                ('by', models.BigIntegerField(null=True)),
                ('at', models.DateTimeField()),
                ('block', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='versions', to='registry.block')),
            ],
            options={
                'ordering': ['-version'],
                'constraints': [models.UniqueConstraint(fields=('block', 'version'), name='one_record_a_version')],
            },
        ),
        migrations.CreateModel(
            name='FenceVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField()),
                ('corners', models.JSONField()),
                ('width_m', models.FloatField(default=0)),
                ('ring', models.JSONField()),
                ('valid_from', models.DateField()),
                ('valid_until', models.DateField(null=True)),
                ('reason', models.CharField(max_length=500)),
                ('reference', models.CharField(max_length=160)),
                ('by', models.BigIntegerField(null=True)),
                ('at', models.DateTimeField()),
                ('fence', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='versions', to='registry.fence')),
            ],
            options={
                'ordering': ['fence', '-version'],
                'constraints': [models.UniqueConstraint(fields=('fence', 'version'), name='one_shape_a_version')],
            },
        ),
        migrations.CreateModel(
            name='Post',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('role', models.CharField(max_length=20)),
                ('active', models.BooleanField(default=True)),
                ('office', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='posts', to='registry.office')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='posts', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('user', 'office', 'role'), name='one_post_once')],
            },
        ),
        migrations.CreateModel(
            name='ServiceWindow',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('begins_at', models.DateTimeField()),
                ('ends_at', models.DateTimeField()),
                ('reason', models.CharField(max_length=300)),
                ('workshop', models.CharField(blank=True, max_length=160)),
                ('announced_at', models.DateTimeField()),
                ('announced_by', models.BigIntegerField(null=True)),
                ('cancelled_at', models.DateTimeField(null=True)),
                ('device', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='services', to='registry.device')),
            ],
            options={
                'ordering': ['-begins_at', '-id'],
                'indexes': [models.Index(fields=['device', 'ends_at'], name='service_device_ends')],
                'constraints': [models.CheckConstraint(condition=models.Q(('ends_at__gt', models.F('begins_at'))), name='service_ends_after')],
            },
        ),
        migrations.CreateModel(
            name='DeviceFitting',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('fitted_at', models.DateTimeField()),
                ('fitted_by', models.BigIntegerField(null=True)),
                ('removed_at', models.DateTimeField(null=True)),
                ('removed_by', models.BigIntegerField(null=True)),
                ('reason', models.CharField(blank=True, max_length=300)),
                ('device', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='fittings', to='registry.device')),
                ('vehicle', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='fittings', to='registry.vehicle')),
            ],
            options={
                'ordering': ['-fitted_at', '-id'],
                'indexes': [models.Index(fields=['vehicle', 'fitted_at'], name='fitting_vehicle_at')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('removed_at__isnull', True)), fields=('device',), name='one_open_fitting_a_device'), models.UniqueConstraint(condition=models.Q(('removed_at__isnull', True)), fields=('vehicle',), name='one_open_fitting_a_vehicle')],
            },
        ),
        migrations.AddConstraint(
            model_name='device',
            constraint=models.UniqueConstraint(condition=models.Q(('active', True)), fields=('vehicle',), name='one_active_device_a_vehicle'),
        ),
        migrations.CreateModel(
            name='PanProof',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('district', models.CharField(max_length=40)),
                ('document', models.CharField(max_length=64)),
                ('state', models.CharField(default='sent', max_length=10)),
                ('sent_at', models.DateTimeField()),
                ('decided_at', models.DateTimeField(null=True)),
                ('decided_by', models.BigIntegerField(null=True)),
                ('reason', models.CharField(blank=True, max_length=300)),
                ('party', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='pan_proofs', to='registry.party')),
            ],
            options={
                'ordering': ['-sent_at', '-id'],
                'indexes': [models.Index(fields=['state', 'district'], name='pan_proof_state')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'sent')), fields=('party',), name='one_open_pan_proof_a_party')],
            },
        ),
        migrations.AddConstraint(
            model_name='party',
            constraint=models.UniqueConstraint(condition=models.Q(('pan_proved_at__isnull', False)), fields=('pan',), name='one_proved_party_a_pan'),
        ),
        # what the database itself refuses
        append_only("registry_blockversion"),
    ]
