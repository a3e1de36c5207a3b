"""The frame: first page, ghats, the way in, state of the service, open data, help, action log."""

from django.urls import path

from immis.web.public import data, ghats, health, help, home, log, login, password, sign_up

urlpatterns = [
    path("", home.home, name="home"),
    path("ghats/<slug:code>/", ghats.ghat, name="ghat"),
    path("ghats/<slug:code>/map.geojson", ghats.ghat_geojson, name="ghat_geojson"),
    path("login", login.log_in, name="login"),
    path("signup", sign_up.sign_up, name="sign_up"),
    path("recover", sign_up.recover, name="recover"),
    path("login/demo", login.demo_login, name="demo_login"),
    path("password", password.own_password, name="password"),
    path("logout", login.log_out, name="logout"),
    path("language", login.language, name="language"),
    path("help/", help.help_page, name="help"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", health.metrics, name="metrics"),
    path("data/", data.index, name="data_index"),
    path("data/ghats.geojson", data.ghats_geojson, name="ghats_geojson"),
    path("data/<path:name>", data.published, name="data_file"),
    path("log/", log.action_log_page, name="log"),
]
