"""What settlements add to the acts of registers: e-mails of settlees, claims for loss."""

from immis.leases.entries import loss_claims as loss_claims
from immis.leases.entries.mails import mails_from_settlee as mails_from_settlee
