import immis.core.facts
from django.db import migrations, models

from immis.core.guards import append_only, keep_for_years


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="DeadLetter",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reader", models.CharField(max_length=40)),
                ("position", models.BigIntegerField()),
                ("kind", models.CharField(blank=True, max_length=60)),
                ("subject", models.CharField(blank=True, max_length=60)),
                ("told", models.TextField()),
                ("error", models.TextField()),
                ("failed_at", models.DateTimeField()),
            ],
            options={
                "ordering": ["-id"],
                "constraints": [models.UniqueConstraint(fields=("reader", "position"), name="one_dead_letter_a_row")],
            },
        ),
        migrations.CreateModel(
            name="ChainHead",
            fields=[
                ("name", models.CharField(max_length=40, primary_key=True, serialize=False)),
                ("seq", models.BigIntegerField(default=0)),
                (
                    "hash",
                    models.CharField(
                        default="0000000000000000000000000000000000000000000000000000000000000000", max_length=64
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Counter",
            fields=[
                ("series", models.CharField(max_length=60, primary_key=True, serialize=False)),
                ("value", models.BigIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name="Cursor",
            fields=[
                ("name", models.CharField(max_length=40, primary_key=True, serialize=False)),
                ("position", models.BigIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name="ActionLog",
            fields=[
                ("seq", models.BigIntegerField(primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
                ("code", models.CharField(max_length=60)),
                ("subject_kind", models.CharField(max_length=30)),
                ("subject_id", models.CharField(max_length=60)),
                ("user_id", models.BigIntegerField(null=True)),
                ("role", models.CharField(max_length=20)),
                ("facts", immis.core.facts.FactsField(default=dict)),
                ("prev_hash", models.CharField(max_length=64)),
                ("hash", models.CharField(max_length=64)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["subject_kind", "subject_id"], name="core_action_subject_9f6970_idx"),
                    models.Index(fields=["code"], name="core_action_code_613e09_idx"),
                    models.Index(fields=["user_id"], name="action_log_user", condition=models.Q(("user_id__isnull", False))),
                ],
            },
        ),
        migrations.CreateModel(
            name="Decision",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("rule_code", models.CharField(max_length=20)),
                ("policy_on", models.DateField()),
                ("subject_kind", models.CharField(max_length=30)),
                ("subject_id", models.CharField(max_length=60)),
                ("facts", immis.core.facts.FactsField(default=dict)),
                ("outcome", models.CharField(max_length=20)),
                ("at", models.DateTimeField()),
            ],
            options={
                "indexes": [models.Index(fields=["subject_kind", "subject_id"], name="core_decisi_subject_ddbe43_idx")],
            },
        ),
        migrations.CreateModel(
            name="OutboxEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=60)),
                ("subject_kind", models.CharField(max_length=30)),
                ("subject_id", models.CharField(max_length=60)),
                ("facts", immis.core.facts.FactsField(default=dict)),
                ("at", models.DateTimeField()),
                ("key", models.CharField(max_length=160, null=True, unique=True)),
                ("handled_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("handled_at__isnull", True)), fields=["id"], name="outbox_unhandled"
                    ),
                    models.Index(fields=["kind", "subject_id"], name="core_outbox_kind_707107_idx"),
                    models.Index(fields=["at"], name="outbox_at"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Throttle",
            fields=[
                ("key", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("tries", models.PositiveIntegerField(default=0)),
                ("until", models.DateTimeField()),
            ],
            options={
                "indexes": [models.Index(fields=["until"], name="throttle_until")],
            },
        ),
        migrations.CreateModel(
            name="Cached",
            fields=[
                ("cache_key", models.CharField(max_length=255, primary_key=True, serialize=False)),
                ("value", models.TextField()),
                ("expires", models.DateTimeField(db_index=True)),
            ],
            options={
                "db_table": "core_cached",
            },
        ),
        migrations.CreateModel(
            name="Upload",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("sha256", models.CharField(max_length=64)),
                ("size_bytes", models.BigIntegerField()),
                ("party_id", models.BigIntegerField(null=True)),
                ("place", models.CharField(blank=True, max_length=80)),
                ("kept_at", models.DateTimeField()),
                ("replaced_at", models.DateTimeField(null=True)),
                ("removed_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["sha256"], name="upload_content"),
                    models.Index(fields=["party_id", "place"], name="upload_place"),
                    models.Index(
                        condition=models.Q(("removed_at__isnull", True), ("replaced_at__isnull", False)),
                        fields=["replaced_at"],
                        name="upload_replaced",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Installation",
            fields=[
                ("id", models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("state", models.CharField(max_length=40)),
                ("districts", models.JSONField(default=list)),
                ("language", models.CharField(max_length=2)),
                ("training", models.BooleanField(default=False)),
                ("set_up_at", models.DateTimeField()),
            ],
            options={
                "constraints": [models.CheckConstraint(condition=models.Q(("id", 1)), name="one_installation")],
            },
        ),
        # what the database itself refuses
        append_only("core_actionlog"),
        append_only("core_decision", events=("UPDATE",)),
        keep_for_years("core_decision", "at", 5),  # whatever the policy (RET-04) says
    ]
