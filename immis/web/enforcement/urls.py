"""Addresses of the desk: tasks and cases."""

from django.urls import path, re_path

from immis.web.enforcement import accused, office, office_cases, office_tasks, owner, papers, places, triggers

urlpatterns = [
    path("office/", office.desk, name="desk"),
    path("office/tasks/together", office_tasks.together, name="tasks_together"),
    path("office/tasks/<id:task_id>/", office_tasks.task, name="task"),
    path("office/tasks/<id:task_id>/map.json", places.task_map, name="task_map"),
    path("office/tasks/<id:task_id>/decide", office_tasks.act, name="task_decide"),
    path("office/tasks/<id:task_id>/case", office_tasks.act, {"act": "open_case"}, name="task_open_case"),
    path("office/tasks/<id:task_id>/remind", office_tasks.act, {"act": "remind"}, name="task_remind"),
    path("office/triggers/", triggers.triggers, name="triggers"),
    path("own/cases/", owner.own_cases, name="own_cases"),
    path("own/cases/<str:number>/", accused.own_case, name="own_case"),
    path("own/cases/<str:number>/papers/<str:paper>.pdf", papers.own_paper, name="own_case_paper"),
    path("own/cases/<str:number>/files/<str:sha256>", papers.own_file, name="own_case_file"),
    path("c/<str:token>", accused.linked_case, name="case_link"),
    path("c/<str:token>/<str:paper>.pdf", papers.linked_paper, name="case_link_paper"),
    path("office/cases/", office_cases.office_cases, name="office_cases"),
    path("office/cases/new/", office_cases.office_case_new, name="office_case_new"),
    path("office/cases/<str:number>/", office_cases.office_case, name="office_case"),
    path("office/cases/<str:number>/papers/<str:paper>.pdf", papers.office_paper, name="office_case_paper"),
    path("office/cases/<str:number>/files/<str:sha256>", papers.office_file, name="office_case_file"),
    path("office/cases/<str:number>/map.json", office_cases.case_map, name="office_case_map"),
    re_path(
        r"^office/cases/(?P<number>[^/]+)/(?P<act>notice|reply|service|order|close|drop)$",
        office_cases.case_act,
        name="case_act",
    ),
]
