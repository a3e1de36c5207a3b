"""Desk, tasks, cases, messages and the law."""

from django.urls import path, re_path

from immis.web import messages
from immis.web.office import cases, desk, pans, tasks
from immis.web.public import law

urlpatterns = [
    path("office/", desk.desk, name="desk"),
    path("office/tasks/<id:task_id>/", tasks.task, name="task"),
    path("office/tasks/<id:task_id>/decide", tasks.decide, name="task_decide"),
    path("office/tasks/<id:task_id>/case", tasks.open_case, name="task_open_case"),
    path("office/tasks/<id:task_id>/remind", tasks.remind, name="task_remind"),
    path("office/pans/", pans.index, name="office_pans"),
    path("office/pans/<id:pk>/", pans.detail, name="office_pan"),
    path("office/pans/<id:pk>/card", pans.card, name="office_pan_card"),
    path("office/cases/", cases.office_cases, name="office_cases"),
    path("office/cases/<str:number>/", cases.office_case, name="office_case"),
    path("office/cases/<str:number>/map.json", cases.case_map, name="office_case_map"),
    re_path(
        r"^office/cases/(?P<number>[^/]+)/(?P<act>notice|reply|order|close|drop)$", cases.case_act, name="case_act"
    ),
    path("messages/", messages.inbox, name="messages"),
    path("messages/<id:message_id>/", messages.message, name="message"),
    path("law/", law.law, name="law"),
    re_path(r"^law/(?P<topic>[a-z]+)/$", law.law_topic, name="law_topic"),
    path("law/<str:code>/", law.law_code, name="law_code"),
]
