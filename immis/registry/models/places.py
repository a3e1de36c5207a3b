"""Mineral blocks with their versions, places of loading and delivery, and fences."""

from django.db import models

from immis.core.facts import FactsField


class Block(models.Model):
    """A mineral block (sand ghat) as the notice describes it; corrected only by a new version (E-147)."""

    code = models.CharField(max_length=20, unique=True)
    serial = models.PositiveIntegerField()
    block_no = models.CharField(max_length=10)
    name_en = models.CharField(max_length=160)
    name_hi = models.CharField(max_length=160)
    district = models.CharField(max_length=40)
    river = models.CharField(max_length=40, blank=True)
    area_ha = models.DecimalField(max_digits=9, decimal_places=3)
    quantity_m3 = models.PositiveIntegerField()
    corners = models.JSONField()
    land = models.JSONField(default=dict)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["district", "serial"]


class BlockVersion(models.Model):
    """The record of a ghat as it stood in one version, with who corrected it by what; rows are only ever added."""

    block = models.ForeignKey(Block, on_delete=models.PROTECT, related_name="versions")
    version = models.PositiveIntegerField()
    record = FactsField()
    changed = models.JSONField(default=list)
    reason = models.CharField(max_length=500, blank=True)
    reference = models.CharField(max_length=160, blank=True)
    by = models.BigIntegerField(null=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["-version"]
        constraints = [models.UniqueConstraint(fields=["block", "version"], name="one_record_a_version")]


class Place(models.Model):
    """A place with a circle round it: a destination of sand or a check post."""

    code = models.SlugField(max_length=40, unique=True)
    name_en = models.CharField(max_length=120)
    name_hi = models.CharField(max_length=120)
    kind = models.CharField(max_length=12)
    lat = models.FloatField()
    lon = models.FloatField()
    radius_m = models.PositiveIntegerField(default=500)
    district = models.CharField(max_length=40, blank=True)


class Fence(models.Model):
    """A storage site, weighbridge, check post, restricted road, no-go area or belt; where it lies says its versions."""

    code = models.SlugField(max_length=40, unique=True)
    kind = models.CharField(max_length=12)
    name_en = models.CharField(max_length=120)
    name_hi = models.CharField(max_length=120)
    district = models.CharField(max_length=40, blank=True)

    class Meta:
        ordering = ["code"]


class FenceVersion(models.Model):
    """Where a fence lies from a day on, with who drew it by what order; rows are only ever added."""

    fence = models.ForeignKey(Fence, on_delete=models.PROTECT, related_name="versions")
    version = models.PositiveIntegerField()
    corners = models.JSONField()
    width_m = models.FloatField(default=0)
    ring = models.JSONField()
    valid_from = models.DateField()
    valid_until = models.DateField(null=True)
    reason = models.CharField(max_length=500)
    reference = models.CharField(max_length=160)
    by = models.BigIntegerField(null=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["fence", "-version"]
        constraints = [models.UniqueConstraint(fields=["fence", "version"], name="one_shape_a_version")]
