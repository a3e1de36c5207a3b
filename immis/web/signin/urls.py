"""Addresses of the way in."""

from django.urls import path

from immis.web.signin import public_login, public_password, public_sign_up

urlpatterns = [
    path("login", public_login.log_in, name="login"),
    path("signup", public_sign_up.sign_up, name="sign_up"),
    path("recover", public_sign_up.recover, name="recover"),
    path("login/demo", public_login.demo_login, name="demo_login"),
    path("password", public_password.own_password, name="password"),
    path("logout", public_login.log_out, name="logout"),
    path("language", public_login.language, name="language"),
]
