"""Addresses of meetings and directions."""

from django.urls import path

from immis.web.directions import board, directions, meetings, review

urlpatterns = [
    path("office/meetings/", meetings.office_meetings, name="office_meetings"),
    path("office/meetings/<str:number>/", meetings.office_meeting, name="office_meeting"),
    path("office/meetings/<str:number>/paper", meetings.office_meeting_paper, name="office_meeting_paper"),
    path("office/meetings/<str:number>/report.pdf", meetings.office_meeting_report, name="office_meeting_report"),
    path("office/meetings/<str:number>/review/", review.office_meeting_review, name="office_meeting_review"),
    path("office/directions/", directions.office_directions, name="office_directions"),
    path("office/directions/board/", board.office_directions_board, name="office_directions_board"),
    path("office/directions/<str:number>/", directions.office_direction, name="office_direction"),
    path(
        "office/directions/<str:number>/evidence/<id:pk>/file",
        directions.office_direction_evidence,
        name="office_direction_evidence",
    ),
]
