"""Settings of one installation; everything that differs between installations comes from the environment."""

import os
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

from immis.clock import data_dir
from immis.private import kept_secret, kind_of_settings, make_private

PACKAGE = Path(__file__).resolve().parent
DATA = data_dir()


def _flag(name: str) -> bool:
    return os.environ.get(name, "").lower() in {"1", "true", "yes"}


PRODUCTION = _flag("IMMIS_PRODUCTION")
DEMO = _flag("IMMIS_DEMO")
#: An installation to practise on: marked on every page and paper, and never to be mixed with the real one.
TRAINING = kind_of_settings() == "training"
DEBUG = False

if PRODUCTION and (DEMO or os.environ.get("IMMIS_CLOCK")):
    raise ImproperlyConfigured("IMMIS_DEMO and IMMIS_CLOCK are refused in production: unset them or IMMIS_PRODUCTION")


def _secret_key() -> str:
    """The secret from the environment; elsewhere than in production one is made once and kept with the data."""
    if key := os.environ.get("IMMIS_SECRET_KEY"):
        return key
    if PRODUCTION:
        raise ImproperlyConfigured("IMMIS_SECRET_KEY is required in production")
    return kept_secret("django.key")


SECRET_KEY = _secret_key()
ALLOWED_HOSTS = [host for host in os.environ.get("IMMIS_HOSTS", "127.0.0.1,localhost,[::1]").split(",") if host]
if PRODUCTION and any(host.startswith(("*", ".")) for host in ALLOWED_HOSTS):
    raise ImproperlyConfigured("IMMIS_HOSTS names each host in production; * and .example.org trust any")
CSRF_TRUSTED_ORIGINS = [origin for origin in os.environ.get("IMMIS_ORIGINS", "").split(",") if origin]


#: PostgreSQL keeps the plans of what is asked with every issue (``core.written``); a pooler by transaction that knows
#: no prepared statements refuses them.
PREPARED = not _flag("IMMIS_UNPREPARED")
_NEVER_BY_ITSELF = 2**31 - 1  # what is prepared says so


def _database() -> dict[str, object]:
    url = os.environ.get("DATABASE_URL", "")
    if not url:
        make_private(DATA)
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": DATA / "immis.sqlite3",
            "CONN_MAX_AGE": 60,
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
            },
        }
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ImproperlyConfigured(f"DATABASE_URL begins with {parts.scheme!r}; postgresql:// is supported")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or "") or dict(parse_qsl(parts.query)).get("host", ""),
        "PORT": parts.port or "",
        "CONN_MAX_AGE": 60,
        "OPTIONS": {"prepare_threshold": _NEVER_BY_ITSELF if PREPARED else None},
    }


DATABASES = {"default": _database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "registry.User"


def _domains() -> list[str]:
    """Every domain of the package: the core first, which the others build on, and the pages last."""
    names = (f"immis.{path.parent.name}" for path in PACKAGE.glob("*/apps.py"))
    return sorted(names, key=lambda name: (name != "immis.core", name == "immis.web", name))


INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    *_domains(),
]

MIDDLEWARE = [
    "immis.web.shell.request.middleware.SecurityHeadersMiddleware",
    "immis.web.shell.request.guard.RequestGuardMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "immis.web.shell.request.middleware.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "immis.web.shell.request.middleware.ActorMiddleware",
    "immis.web.signin.sessions.SessionMiddleware",
    "immis.web.shell.request.middleware.HandOnMiddleware",
]

ROOT_URLCONF = "immis.urls"
WSGI_APPLICATION = "immis.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": sorted((PACKAGE / "web").glob("*/templates")),
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
                "immis.web.shell.request.context.shell",
            ],
            "builtins": [
                "django.templatetags.i18n",
                "immis.web.shell.tags",
                "immis.web.shell.citations",
                "immis.web.shell.form_tags",
                "immis.web.shell.technical",
                "immis.web.filters.tags",
            ],
        },
    }
]

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "immis.core.access.passwords.RealLetters"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
PASSWORD_RESET_TIMEOUT = 60 * 60
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
SESSION_ENGINE = "immis.core.access.sessions"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 12 * 60 * 60  # no longer; ACC-01 ends a session earlier
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "immis.web.shell.request.errors.csrf_failed"
# two installations on one host share its cookies: a log-in to practise on opens nothing of the real one
_PREFIX = "training-" if TRAINING else ""
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = f"{_PREFIX}sessionid", f"{_PREFIX}csrftoken"
if PRODUCTION:
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    # with this prefix no other host of the domain, and no page without TLS, can plant a cookie
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = f"__Host-{SESSION_COOKIE_NAME}", f"__Host-{CSRF_COOKIE_NAME}"
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 31_536_000

# Sign-in by django-allauth. Tries of passwords are counted by immis.core.access.throttling; what allauth counts and
# what it remembers for a moment (a code that was used) lies in a table, so that all processes see it.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "core_cached",
        "OPTIONS": {"MAX_ENTRIES": 1_000_000},  # nobody pushes another's count out; a job forgets what is over
    }
}
AUTHENTICATION_BACKENDS = ["immis.web.signin.backend.Backend"]
ACCOUNT_ADAPTER = "immis.web.signin.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email", "password1*"]
ACCOUNT_AUTHENTICATED_LOGIN_REDIRECTS = False
ACCOUNT_SESSION_REMEMBER = True  # until SESSION_COOKIE_AGE
ACCOUNT_EMAIL_VERIFICATION = "none"  # nobody is kept out by it; each proves his address at /account/email
ACCOUNT_UNIQUE_EMAIL = False  # who bids as a person and as a company has two user IDs
ACCOUNT_MAX_EMAIL_ADDRESSES = 2  # the one that counts, and one whose link is on its way
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 15 * 60
ACCOUNT_RATE_LIMITS = {"login": None, "change_password": None}  # counted by ours
MFA_ADAPTER = "immis.web.signin.factors.FactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_TOTP_ISSUER = "IMMIS"
MFA_TOTP_TOLERANCE = 1
MFA_RECOVERY_CODES_SHOW_ONCE = True
#: Whether posts that ACC-10 names must have a second factor. A demonstration has one-click log-ins instead.
SECOND_FACTOR_ASKED = not (DEMO or _flag("IMMIS_NO_SECOND_FACTOR"))
if PRODUCTION and not SECOND_FACTOR_ASKED:
    raise ImproperlyConfigured("IMMIS_NO_SECOND_FACTOR is for trials; it is refused in production")
# Sign-in by another's service (OpenID Connect, as Parichay): empty is none
OIDC_URL = os.environ.get("IMMIS_OIDC_URL", "").rstrip("/")
SOCIALACCOUNT_ADAPTER = "immis.web.signin.oidc.IdentityAdapter"
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {
        "OAUTH_PKCE_ENABLED": True,
        "APPS": [
            {
                "provider_id": "sso",
                "name": os.environ.get("IMMIS_OIDC_NAME", "Parichay"),
                "client_id": os.environ.get("IMMIS_OIDC_CLIENT", ""),
                "secret": os.environ.get("IMMIS_OIDC_SECRET", ""),
                "settings": {"server_url": OIDC_URL},
            }
        ]
        if OIDC_URL
        else [],
    }
}

LANGUAGE_CODE = "hi"
LANGUAGES = [("hi", "Hindi"), ("en", "English")]
LOCALE_PATHS = sorted((PACKAGE / "web").glob("*/locale"))
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Kolkata"

STATIC_URL = "/static/"
STATICFILES_DIRS = [PACKAGE / "web" / "static"]
STATIC_ROOT = DATA / "static"
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024

#: ``smtp://user:password@host:587`` (STARTTLS) or ``smtps://…:465``; without it e-mail becomes files.
_SMTP = urlsplit(os.environ.get("IMMIS_SMTP_URL", ""))
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if _SMTP.hostname else 'filebased'}.EmailBackend"
EMAIL_FILE_PATH = DATA / "mail"
EMAIL_USE_SSL, EMAIL_USE_TLS = _SMTP.scheme == "smtps", _SMTP.scheme == "smtp"
EMAIL_HOST, EMAIL_PORT = _SMTP.hostname or "", _SMTP.port or (465 if EMAIL_USE_SSL else 587)
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = unquote(_SMTP.username or ""), unquote(_SMTP.password or "")
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = os.environ.get("IMMIS_EMAIL_FROM", "no-reply@immis.invalid")

#: False in a web process for pages alone (immis web --pages): the front takes what waits for a file or for another
#: system to another one.
MAY_WAIT = os.environ.get("IMMIS_WEB", "") != "pages"

#: The SMS service: cdac (Mobile Seva), nic or smpp, and its address (docs/operations/messages.md); without it no SMS.
SMS_VENDOR = os.environ.get("IMMIS_SMS_VENDOR", "")
SMS_URL = os.environ.get("IMMIS_SMS_URL", "")
SMS_USER = os.environ.get("IMMIS_SMS_USER", "")
SMS_PASSWORD = os.environ.get("IMMIS_SMS_PASSWORD", "")
SMS_KEY = os.environ.get("IMMIS_SMS_KEY", "")
SMS_ENTITY = os.environ.get("IMMIS_SMS_ENTITY", "")
SMS_REPORT_URL = os.environ.get("IMMIS_SMS_REPORT_URL", "")
#: With it a gateway may report to /sms/reports/; without it nobody may.
SMS_REPORT_KEY = os.environ.get("IMMIS_SMS_REPORT_KEY", "")
#: The tags (TLV) by which an operator takes the entity and the number of a registered text over SMPP.
SMPP_TAGS = os.environ.get("IMMIS_SMPP_TAGS", "1400,1401")

# Outside systems and addresses
TREASURY_VENDOR = os.environ.get("IMMIS_TREASURY_VENDOR", "grn")
TREASURY_URL = os.environ.get("IMMIS_TREASURY_URL", "http://127.0.0.1:8010")
#: Without one the simulator of this installation shares a key that was made at its first start.
TREASURY_KEY = os.environ.get("IMMIS_TREASURY_KEY") or ("" if PRODUCTION else kept_secret("treasury.key"))
#: Empty: proposals are not followed. The portal itself: https://parivesh.nic.in/parivesh_api
#: Who tells the way by road: embedded (roads.osm.pbf in the data folder), valhalla or osrm at an address.
ROADS_VENDOR = os.environ.get("IMMIS_ROADS_VENDOR", "embedded")
ROADS_URL = os.environ.get("IMMIS_ROADS_URL", "")
PARIVESH_URL = os.environ.get("IMMIS_PARIVESH_URL", "")
#: Registers of transport; empty: vehicles and licences are entered by hand, and seen by an officer.
VAHAN_URL = os.environ.get("IMMIS_VAHAN_URL", "")
VAHAN_KEY = os.environ.get("IMMIS_VAHAN_KEY", "")
#: The feed of trucks' load cells; empty: weighments are compared with none.
LOADCELLS_URL = os.environ.get("IMMIS_LOADCELLS_URL", "")
LOADCELLS_KEY = os.environ.get("IMMIS_LOADCELLS_KEY", "")
SARATHI_URL = os.environ.get("IMMIS_SARATHI_URL", "")
SARATHI_KEY = os.environ.get("IMMIS_SARATHI_KEY", "")
# Other States (ISTP): portals as "JH=https://…,UP=https://…", their key, and a folder of public keys (JH.pem)
ISTP_PORTALS = os.environ.get("IMMIS_ISTP_PORTALS", "")
ISTP_PORTAL_KEY = os.environ.get("IMMIS_ISTP_PORTAL_KEY", "")
ISTP_KEYS = os.environ.get("IMMIS_ISTP_KEYS", "")
# E-Proc: address and token of its API (empty: files only), and whose signatures an export may bear
#: Keys that keep bidders' identities sealed, where they do not lie in $IMMIS_DATA/keys (docs/operations/sealing.md).
SEALING_KEYS = os.environ.get("IMMIS_SEALING_KEYS", "")
EPROC_URL = os.environ.get("IMMIS_EPROC_URL", "")
EPROC_TOKEN = os.environ.get("IMMIS_EPROC_TOKEN", "")
EPROC_PUBLIC_KEYS = [key for key in os.environ.get("IMMIS_EPROC_PUBLIC_KEYS", "").split(",") if key]
EPROC_SHARED_KEY = os.environ.get("IMMIS_EPROC_SHARED_KEY", "")
#: Whose Ed25519 signatures a file of settlements that are taken over may bear (docs/operations/takeover.md).
TAKEOVER_PUBLIC_KEYS = [key for key in os.environ.get("IMMIS_TAKEOVER_PUBLIC_KEYS", "").split(",") if key]
# Roots of the Controller of Certifying Authorities, and lists of revoked certificates, as files
DSC_ROOTS = Path(os.environ.get("IMMIS_DSC_ROOTS", DATA / "dsc_roots"))
# The government's UPI address for QR codes of demands; empty: no QR is shown
UPI_VPA = os.environ.get("IMMIS_UPI_VPA", "demo@example" if not PRODUCTION else "")
UPI_NAME = os.environ.get("IMMIS_UPI_NAME", "Mines and Geology Bihar")
UPI_CITY = os.environ.get("IMMIS_UPI_CITY", "Patna")
TILES_URL = os.environ.get("IMMIS_TILES_URL", "")
PUBLIC_URL = os.environ.get("IMMIS_PUBLIC_URL", "http://127.0.0.1:8000")
LISTEN = os.environ.get("IMMIS_LISTEN", "127.0.0.1:8000")
GATEWAY_LISTEN = os.environ.get("IMMIS_GATEWAY_LISTEN", "127.0.0.1:5023")
# Where drivers' phones report: the gateway's address as the mobile network reaches it
PHONE_URL = os.environ.get("IMMIS_PHONE_URL", f"http://{GATEWAY_LISTEN}/")
PUBLIC_DIR = DATA / "public"
#: Where the nightly backups lie, to be looked after by page and command; on another disk than the data.
BACKUPS = os.environ.get("IMMIS_BACKUPS", "")
# Open data: the prefix that the Open Contracting Partnership gives a publisher, and the licence of what is published
OCID_PLACEHOLDER = "ocds-immis0"  # registered by nobody
#: What is published to practise bears nobody's prefix, whatever the settings say.
OCID_PREFIX = OCID_PLACEHOLDER if TRAINING else os.environ.get("IMMIS_OCID_PREFIX", OCID_PLACEHOLDER)
OPEN_DATA_LICENSE = os.environ.get("IMMIS_OPEN_DATA_LICENSE", "https://www.data.gov.in/Godl")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    # a refusal or a page that is not there is an answer, not a fault: a refused bid in the last minutes writes no line
    "loggers": {"httpx": {"level": "WARNING"}, "django.request": {"level": "ERROR"}},
}
