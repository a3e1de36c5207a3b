"""Addresses of the rule book."""

from django.urls import path, re_path

from immis.web.law import office_decisions, office_posts, office_trial, public

urlpatterns = [
    path("law/", public.law, name="law"),
    path("office/decisions/", office_decisions.index, name="decisions"),
    path("office/decisions/try/", office_trial.trial, name="law_trial"),
    path("office/decisions/<id:pk>/", office_decisions.detail, name="decision"),
    path("office/posts/", office_posts.posts, name="office_posts"),
    re_path(r"^law/(?P<topic>[a-z]+)/$", public.law_topic, name="law_topic"),
    path("law/<str:code>/", public.law_code, name="law_code"),
]
