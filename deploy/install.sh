#!/bin/sh
# Installs Linkhold on a Debian 12+ or Ubuntu 22.04+ server, or updates it; run it as root in a clone.
#
#   deploy/install.sh --domain links.example --email you@example   behind nginx, TLS by Let's Encrypt
#   deploy/install.sh                                              again, after git pull: updates
#   deploy/install.sh remove                                       removes all but your data
#
# What is asked for the first time is remembered in /etc/linkhold/install:
#   --domain NAME          the name by which people reach it
#   --email ADDRESS        for Let's Encrypt, which writes before a certificate runs out
#   --tls certbot|local    local makes an authority of your own, for a network without a public name
#   --database debian|embedded   Debian's PostgreSQL (the default), or the one that Linkhold brings
#   --server granian|gunicorn    gunicorn is the tutorial's; granian, the default, is faster
#   --wheels DIRECTORY     install from files there, without the Internet
#
# Every step can be repeated: what is there already is left as it is. Each begins with what it is for.
set -eu
umask 022
cd "$(dirname "$0")/.."

say() { printf '\n\033[1m%s\033[0m\n' "$*"; }
die() { printf 'install.sh: %s\n' "$*" >&2; exit 1; }

# --- What is wanted ---------------------------------------------------------------------------------

domain='' email='' tls='' database='' server='' wheels='' confirmed=''
action=install
[ -r /etc/linkhold/install ] && . /etc/linkhold/install

while [ $# -gt 0 ]; do
  case $1 in
    --domain) domain=$2; shift 2 ;;
    --email) email=$2; shift 2 ;;
    --tls) tls=$2; shift 2 ;;
    --database) database=$2; shift 2 ;;
    --server) server=$2; shift 2 ;;
    --wheels) wheels=$(realpath "$2"); shift 2 ;;
    --and-all-data) confirmed="$confirmed yes"; shift ;;
    remove) action=remove; shift ;;
    -h|--help) sed -n '2,18s/^# \{0,1\}//p' "$0"; exit ;;
    *) die "unknown option $1; --help tells those there are" ;;
  esac
done
tls=${tls:-certbot} database=${database:-debian} server=${server:-granian}

[ "$(id -u)" = 0 ] || die "run it as root: sudo $0"
case "$tls" in certbot|local) ;; *) die "--tls is certbot or local, not $tls" ;; esac
case "$database" in debian|embedded) ;; *) die "--database is debian or embedded, not $database" ;; esac
case "$server" in granian|gunicorn) ;; *) die "--server is granian or gunicorn, not $server" ;; esac

# --- Removing -----------------------------------------------------------------------------------------

remove() {
  say "Stopping and removing Linkhold"
  systemctl disable --now linkhold-worker.service linkhold.service linkhold.socket 2>/dev/null || true
  rm -f /etc/systemd/system/linkhold.socket /etc/systemd/system/linkhold.service \
    /etc/systemd/system/linkhold-worker.service /etc/nginx/sites-enabled/linkhold /etc/nginx/sites-available/linkhold
  rm -f /etc/systemd/system/nginx.service.d/linkhold.conf /etc/systemd/system/postgresql@.service.d/linkhold.conf
  rm -rf /etc/systemd/system/linkhold.service.d /opt/linkhold /run/linkhold /usr/local/bin/linkhold
  systemctl daemon-reload
  systemctl reload nginx 2>/dev/null || true
  if [ "$confirmed" != " yes yes" ]; then
    echo "Your data is kept: the database, /var/lib/linkhold and /etc/linkhold."
    echo "To destroy it too, for ever: $0 remove --and-all-data --and-all-data"
    return
  fi
  say "Destroying every link that was saved here"
  [ "$database" = embedded ] || runuser -u postgres -- sh -c 'dropdb --if-exists linkhold && dropuser --if-exists linkhold'
  rm -rf /var/lib/linkhold /var/lib/linkhold-web /etc/linkhold
  userdel linkhold 2>/dev/null || true
}
if [ "$action" = remove ]; then remove; exit; fi

[ -n "$domain" ] || die "say by which name people reach it: --domain links.example"
[ "$tls" = local ] || [ -n "$email" ] || die "Let's Encrypt wants an address: --email you@example (or --tls local)"

# --- Installing ---------------------------------------------------------------------------------------

say "Debian's packages: Python, nginx, PostgreSQL"
packages="nginx openssl python3-venv"
[ "$database" = embedded ] || packages="$packages postgresql"
[ "$tls" = local ] || packages="$packages certbot"
export DEBIAN_FRONTEND=noninteractive
had_postgresql=$(command -v pg_lsclusters || true)
# shellcheck disable=SC2086 # a list of words
dpkg-query -W $packages >/dev/null 2>&1 || { apt-get update -qq; apt-get install -y -qq --no-install-recommends $packages; }
python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && python=python3 || python=python3.11
command -v "$python" >/dev/null || { apt-get install -y -qq --no-install-recommends python3.11-venv; }

say "A user of its own, who cannot log in"
id linkhold >/dev/null 2>&1 || useradd --system --user-group --home-dir /var/lib/linkhold --shell /usr/sbin/nologin linkhold
install -d -m 0700 -o linkhold -g linkhold /var/lib/linkhold
install -d -m 0755 /etc/linkhold /etc/linkhold/tls /opt/linkhold /var/lib/linkhold-web
printf "domain='%s' email='%s' tls='%s' database='%s' server='%s'\n" "$domain" "$email" "$tls" "$database" "$server" \
  >/etc/linkhold/install

say "Linkhold, in an environment of its own beside the one that runs"
release=/opt/linkhold/$(date +%Y%m%d-%H%M%S)
$python -m venv "$release"
requirements=requirements/run.txt
[ "$server" = granian ] || requirements=requirements/gunicorn.txt
"$release/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: \
  ${wheels:+--no-index --find-links "$wheels"} -r $requirements
"$release/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --no-index .
install -D -m 0644 -t "$release/share" deploy/gunicorn.conf.py deploy/nginx/away.html
"$release/bin/linkhold" static "$release/share/static" >/dev/null

say "The database"
if [ "$database" = debian ] && [ -z "$had_postgresql" ]; then
  # Made a moment ago, and empty: with checksums a disk that decays is noticed.
  pg_lsclusters --no-header | while read -r version name _; do
    systemctl stop "postgresql@$version-$name"
    runuser -u postgres -- "/usr/lib/postgresql/$version/bin/pg_checksums" --enable \
      -D "/var/lib/postgresql/$version/$name" >/dev/null </dev/null || true
    systemctl start "postgresql@$version-$name"
  done
fi
if [ "$database" = debian ]; then
  # The role owns its database and is no superuser; who is logged in as linkhold, is linkhold there too.
  as_postgres() { runuser -u postgres -- "$@"; }
  [ -n "$(as_postgres psql -tAc "SELECT 1 FROM pg_roles WHERE rolname = 'linkhold'")" ] || as_postgres createuser linkhold
  [ -n "$(as_postgres psql -tAc "SELECT 1 FROM pg_database WHERE datname = 'linkhold'")" ] ||
    as_postgres createdb --owner linkhold --encoding UTF8 --template template0 linkhold
fi

say "The settings, in /etc/linkhold/environment"
if [ ! -e /etc/linkhold/environment ]; then
  {
    echo "# Linkhold's settings; docs/settings.md tells them all. After a change: systemctl restart linkhold"
    echo "LINKHOLD_DATA_DIR=/var/lib/linkhold"
    [ "$database" = embedded ] || echo "LINKHOLD_DATABASE_URL=postgresql://linkhold@/linkhold?host=/run/postgresql"
    echo "LINKHOLD_PUBLIC_URL=https://$domain"
    echo "LINKHOLD_HOSTS=$domain"
    echo "LINKHOLD_TRUSTED_PROXIES=unix"
    echo "LINKHOLD_WORKERS=1"
  } >/etc/linkhold/environment
fi
chown root:linkhold /etc/linkhold/environment
chmod 0640 /etc/linkhold/environment

say "The services"
install -m 0644 -t /etc/systemd/system deploy/systemd/linkhold.socket deploy/systemd/linkhold.service \
  deploy/systemd/linkhold-worker.service
rm -rf /etc/systemd/system/linkhold.service.d/server.conf
[ "$server" = granian ] || install -D -m 0644 deploy/systemd/gunicorn.conf /etc/systemd/system/linkhold.service.d/server.conf
beside="nginx"
[ "$database" = embedded ] || beside="$beside postgresql@"
for unit in $beside; do
  install -D -m 0644 deploy/systemd/restart.conf "/etc/systemd/system/$unit.service.d/linkhold.conf"
done
systemctl daemon-reload
before=$(readlink /opt/linkhold/current || true)
ln -sfn "$release" /opt/linkhold/current.new
mv -T /opt/linkhold/current.new /opt/linkhold/current
install -m 0755 deploy/linkhold /usr/local/bin/linkhold
systemctl enable --quiet --now linkhold.socket
systemctl enable --quiet linkhold.service linkhold-worker.service
# Requests that come meanwhile wait in the socket. If the new one does not start, the old one comes back.
if ! systemctl restart linkhold.service; then
  journalctl --unit linkhold --lines 20 --no-pager >&2 || true
  [ -n "$before" ] || die "Linkhold does not start; above is what it said."
  ln -sfn "$before" /opt/linkhold/current
  systemctl restart linkhold.service || true
  die "The new version does not start, and the one before is back; above is what it said."
fi
systemctl restart linkhold-worker.service
# The version before stays, to go back to; older ones go.
ls -1d /opt/linkhold/[0-9]*/ | sort -r | tail -n +3 | xargs -r rm -rf

say "nginx, with a certificate for $domain"
if [ ! -e /etc/linkhold/tls/certificate.pem ]; then
  # An authority of your own: install authority.pem on the devices that are to trust it.
  cd /etc/linkhold/tls
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 -subj "/CN=Linkhold on $domain" \
    -keyout authority.key -out authority.pem -addext 'basicConstraints=critical,CA:TRUE,pathlen:0' 2>/dev/null
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$domain" -keyout key.pem -out request.pem 2>/dev/null
  printf 'subjectAltName=DNS:%s\nextendedKeyUsage=serverAuth\n' "$domain" >extensions
  openssl x509 -req -in request.pem -CA authority.pem -CAkey authority.key -CAcreateserial -days 800 \
    -extfile extensions -out certificate.pem 2>/dev/null
  rm request.pem extensions
  chmod 0600 ./*.key key.pem
  cd - >/dev/null
fi
site=/etc/nginx/sites-available/linkhold
sed "s/links\.example/$domain/g" deploy/nginx/linkhold.conf >$site.new
# Without IPv6 nginx would not start.
[ -e /proc/net/if_inet6 ] || sed -i '/listen \[::\]/d' $site.new
# A reload closes the connections that wait for a next request: only for what has changed.
if ! cmp -s $site.new $site || [ ! -e /etc/nginx/sites-enabled/linkhold ]; then
  mv $site.new $site
  ln -sfn ../sites-available/linkhold /etc/nginx/sites-enabled/linkhold
  rm -f /etc/nginx/sites-enabled/default
  nginx -q -t
  systemctl enable --quiet --now nginx
  systemctl reload nginx
fi
rm -f $site.new
if [ "$tls" = certbot ] && [ ! -e "/etc/letsencrypt/live/$domain/fullchain.pem" ]; then
  certbot certonly --non-interactive --agree-tos --email "$email" --webroot --webroot-path /var/lib/linkhold-web \
    --domain "$domain" --deploy-hook 'systemctl reload nginx'
  ln -sfn "/etc/letsencrypt/live/$domain/fullchain.pem" /etc/linkhold/tls/certificate.pem
  ln -sfn "/etc/letsencrypt/live/$domain/privkey.pem" /etc/linkhold/tls/key.pem
  systemctl reload nginx
fi

say "Linkhold is at https://$domain/"
journalctl --unit linkhold --output cat --boot --no-pager | grep -o "https://[^ ]*/setup?code=[^ ]*" | tail -n 1 |
  sed 's/^/Create the first account, once, at\n  /'
echo "What it says:  journalctl --unit linkhold --follow"
echo "What is wrong: linkhold doctor"
