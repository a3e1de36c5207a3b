"""Addresses of settlements, their ghats, holds and prices."""

from django.urls import path

from immis.web.leases import (
    office,
    office_blocks,
    office_clearances,
    office_holds,
    office_life,
    office_prices,
    office_takeover,
    public_ghats,
    public_schedule,
    settlee,
    settlee_life,
    settlee_today,
)

urlpatterns = [
    path("ghats/<slug:code>/", public_ghats.ghat, name="ghat"),
    path("ghats/<slug:code>/map.geojson", public_ghats.ghat_geojson, name="ghat_geojson"),
    path("settlee/today/", settlee_today.today, name="settlee_today"),
    path("settlee/", settlee.home, name="settlee_home"),
    path("settlee/leases/<slug:code>/", settlee.detail, name="settlee_lease"),
    path("settlee/leases/<slug:code>/life/", settlee_life.detail, name="settlee_lease_life"),
    path("settlee/leases/<slug:code>/claim/", settlee.claim_loss, name="lease_claim"),
    path("leases/<slug:code>/statement/", settlee.statement, name="lease_statement"),
    path("leases/<slug:code>/loi.pdf", settlee.letter, name="lease_loi"),
    path("leases/<slug:code>/deed.pdf", settlee.deed, name="lease_deed"),
    path("leases/<slug:code>/work-order.pdf", settlee.work_order, name="lease_work_order"),
    path("leases/<slug:code>/clearances/", office_clearances.lease_clearances, name="lease_clearances"),
    path("leases/<slug:code>/papers/<slug:sha256>", office_clearances.paper, name="clearance_paper"),
    path("leases/<slug:code>/statement.pdf", settlee.statement_paper, name="lease_statement_pdf"),
    path("office/prices/", office_prices.index, name="office_prices"),
    path("office/leases/", office.index, name="office_leases"),
    path("office/takeovers/", office_takeover.index, name="office_takeovers"),
    path("office/leases/<slug:code>/", office.detail, name="office_lease"),
    path("office/leases/<slug:code>/life/", office_life.detail, name="office_lease_life"),
    path("office/leases/<slug:code>/suspend/", office_holds.suspend, name="office_suspend"),
    path("office/holds/", office_holds.index, name="office_holds"),
    path("office/holds/<id:pk>/", office_holds.detail, name="office_hold"),
    path("office/holds/<id:pk>/paper", office_holds.paper, name="office_hold_paper"),
    path("office/suspensions/<id:pk>/", office_holds.suspension, name="office_suspension"),
    path("office/suspensions/<id:pk>/paper", office_holds.suspension_paper, name="office_suspension_paper"),
    path("office/ghats/", office_blocks.index, name="office_ghats"),
    path("office/ghats/<slug:code>/", office_blocks.correct, name="office_ghat"),
    path("schedule/", public_schedule.flow, name="schedule_flow"),
]
