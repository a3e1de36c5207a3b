"""What runs when, in order, on one screen: the jobs of the worker.

Each is ``(name, dotted path, seconds)``: a function ``job(*, at) -> int`` that
answers how much it did, run again when so many seconds of real time have passed.
A job that had nothing to do rests while nothing is new, but never longer than
``MOST_REST_S`` beyond its turn, for time alone makes facts too; one that is
``prompt`` never rests. Order matters within one round: facts come in before
triggers run, and news goes out after them.
"""

from typing import NamedTuple


class Job(NamedTuple):
    """One job: its name, where it lives, how often it runs in real seconds, whether its instants bear no delay."""

    name: str
    path: str
    every_s: float
    prompt: bool = False


#: How long a job may rest while nothing is new; one that runs less often anyway keeps its own pace.
MOST_REST_S = 2.0


JOBS: tuple[Job, ...] = (
    # facts come in
    Job("note_pulse", "immis.challans.offline.outages.note_pulse", 20.0, prompt=True),
    Job("extend_running", "immis.challans.offline.outages.extend_running", 20.0),
    Job("take_in_gateway_events", "immis.tracking.jobs.take_in_gateway_events", 0.3),
    Job("announce_closed_lots", "immis.auctions.jobs.announce_closed_lots", 0.3, prompt=True),
    Job("return_after_aborts", "immis.auctions.jobs.return_after_aborts", 60.0),
    Job("anchor_chains", "immis.auctions.jobs.anchor_chains", 5.0),
    Job("poll_treasury", "immis.ledger.jobs.poll_treasury", 2.0),
    Job("pull_eproc", "immis.auctions.jobs.pull_eproc", 300.0),
    Job("follow_proposals", "immis.leases.clearance_jobs.follow_proposals", 30.0),
    Job("look_for_proposals", "immis.leases.clearance_jobs.look_for_proposals", 600.0),
    Job("carry_out_refunds", "immis.ledger.refund_jobs.carry_out_refunds", 2.0),
    Job("take_in_sheets", "immis.registry.sheets.files.work_on_files", 0.3),
    Job("pull_load_cells", "immis.weighbridges.jobs.pull_load_cells", 5.0),
    Job("count_packets", "immis.tracking.jobs.count_packets", 300.0),
    Job("settle_passes", "immis.transit.jobs.settle_passes", 0.5),
    Job("read_road_file", "immis.challans.roads.jobs.read_road_file", 5.0),
    Job("look_for_ways", "immis.challans.roads.jobs.look_for_ways", 60.0),
    # the clock makes facts
    Job("announce_dues_and_holds", "immis.leases.jobs.announce_dues_and_holds", 0.5),
    Job("announce_clearances", "immis.leases.clearance_jobs.announce_clearances", 5.0),
    Job("announce_calendar", "immis.leases.reminders.announce_calendar", 2.0),
    Job("announce_deadlines", "immis.enforcement.deadlines.announce_deadlines", 60.0),
    Job("remind_owners", "immis.directions.jobs.remind_owners", 600.0),
    Job("close_quotas", "immis.challans.offline.closing.close_quotas", 60.0),
    Job("settle_royalty", "immis.challans.royalty.settle_royalty", 60.0),
    Job("follow_trips", "immis.challans.jobs.follow_trips", 0.3),
    Job("check_starts", "immis.challans.jobs.check_starts", 0.3),
    Job("check_ends", "immis.challans.jobs.check_ends", 0.5),
    Job("watch_trips", "immis.challans.jobs.watch_trips", 1.0),
    Job("check_places", "immis.challans.jobs.check_places", 0.3),
    Job("balance_days", "immis.challans.weighing.balance.balance_days", 300.0),
    Job("watch_bridges", "immis.challans.weighing.watch.watch_bridges", 20.0),
    Job("check_scans", "immis.challans.jobs.check_scans", 1.0),
    # what follows from facts
    Job("run_triggers", "immis.enforcement.jobs.run_triggers", 0.3),
    Job("escalate_tasks", "immis.enforcement.jobs.escalate_tasks", 1.0),
    Job("end_overdue_phones", "immis.tracking.services.phones.end_overdue_phones", 2.0),
    Job("climb_rungs", "immis.registers.jobs.climb_rungs", 2.0),
    Job("count_duties", "immis.registers.jobs.count_duties", 300.0),
    Job("send_register_reports", "immis.registers.jobs.send_reports", 300.0),
    Job("redate_register_clocks", "immis.registers.jobs.redate_clocks", 300.0),
    Job("keep_index", "immis.search.jobs.keep_index", 1.0),
    # news goes out
    Job("publish_snapshot", "immis.tracking.jobs.publish_snapshot", 0.5),
    Job("list_gate_keys", "immis.challans.offline.keys.list_gate_keys", 2.0),
    Job("publish_cancelled", "immis.challans.jobs.publish_cancelled", 1.0),
    Job("forget_presences", "immis.auctions.jobs.forget_presences", 3600.0),
    Job("remove_replaced_files", "immis.core.papers.uploads.remove_replaced", 3600.0),
    Job("publish_open_data", "immis.auctions.jobs.publish_open_data", 2.0),
    Job("deliver", "immis.messaging.jobs.deliver", 0.5),
    Job("deliver_sms", "immis.messaging.jobs.deliver_sms", 0.5),
    Job("ask_sms_reports", "immis.messaging.jobs.ask_sms_reports", 2.0),
    # what nobody needs any more goes
    Job("tell_gateway_what_may_go", "immis.enforcement.retention.tell_gateway_what_may_go", 3600.0),
    Job("forget_news", "immis.enforcement.retention.forget_news", 300.0),
    Job("forget_signals", "immis.tracking.retention.forget_signals", 300.0),
    Job("forget_sightings", "immis.weighbridges.retention.forget_sightings", 3600.0),
    Job("forget_decisions", "immis.core.retention.forget_decisions", 3600.0),
    Job("forget_codes", "immis.messaging.jobs.forget_codes", 3600.0),
    Job("forget_sessions", "immis.core.retention.forget_sessions", 3600.0),
)
