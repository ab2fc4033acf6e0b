#!/bin/sh
# Installs Linkhold on a Debian 12+ or Ubuntu 22.04+ server, or updates it; run it as root in a clone.
#
#   deploy/install.sh --domain links.example --email you@example   behind nginx, TLS by Let's Encrypt
#   deploy/install.sh                                              again, after git pull: updates
#   deploy/install.sh remove                                       removes all but your data
#
# What is asked for is remembered in /etc/linkhold/install, and can be asked for anew:
#   --domain NAME          the name by which people reach it
#   --email ADDRESS        for Let's Encrypt, which writes before a certificate runs out
#   --tls certbot|local    local makes an authority of your own, for a network without a public name
#   --database debian|embedded   Debian's PostgreSQL (the default, where it is 15 or later), or Linkhold's own
#   --server granian|gunicorn    gunicorn is the tutorial's; granian, the default, is faster
#   --wheels DIRECTORY     install from files there, without the Internet
#
# Every step can be repeated: what is there already is left as it is. The steps stand below in their order,
# and in deploy/install/; each begins with what it is for.
set -eu
umask 022

say() { printf '\n\033[1m%s\033[0m\n' "$*"; }
warn() { printf 'install.sh: %s\n' "$*" >&2; }
die() { warn "$*"; exit 1; }

# --- What is wanted ---------------------------------------------------------------------------------

domain='' email='' tls='' database='' server='' wheels='' confirmed='' unfinished=''
action=install
# shellcheck source=/dev/null
[ -r /etc/linkhold/install ] && . /etc/linkhold/install
# What the installation that is there was told, to tell our own lines in its settings from yours.
was_domain=$domain was_database=$database

while [ $# -gt 0 ]; do
  case $1 in
    --domain|--email|--tls|--database|--server|--wheels)
      [ $# -ge 2 ] || die "$1 wants a value; --help tells which"
      case $1 in
        --domain) domain=$(printf %s "$2" | tr '[:upper:]' '[:lower:]') ;;
        --email) email=$2 ;;
        --tls) tls=$2 ;;
        --database) database=$2 ;;
        --server) server=$2 ;;
        --wheels) wheels=$(realpath -e "$2" 2>/dev/null) || die "there is no directory $2" ;;
      esac
      shift 2 ;;
    --and-all-data) confirmed="$confirmed yes"; shift ;;
    remove) action=remove; shift ;;
    -h|--help) sed -n '2,19s/^# \{0,1\}//p' "$0"; exit ;;
    *) die "unknown option $1; --help tells those there are" ;;
  esac
done
tls=${tls:-certbot} server=${server:-granian}

case "$domain" in
  '') ;;
  *[!a-z0-9.-]*|.*|*.|-*|*-|*..*) die "--domain is a name like links.example, not $domain" ;;
  *[!0-9.]*) ;;
  *) die "--domain is a name like links.example, and $domain is an address; at home a name like links.home.arpa will do" ;;
esac
case "$email" in
  *[!A-Za-z0-9.@+_-]*|@*|*@) die "--email is an address like you@example.org, not $email" ;;
  ?*@?*|'') ;;
  *) die "--email is an address like you@example.org, not $email" ;;
esac
case "$tls" in certbot|local) ;; *) die "--tls is certbot or local, not $tls" ;; esac
case "$database" in debian|embedded|'') ;; *) die "--database is debian or embedded, not $database" ;; esac
case "$server" in granian|gunicorn) ;; *) die "--server is granian or gunicorn, not $server" ;; esac
if [ "$action" = install ]; then
  [ -n "$domain" ] || die "say by which name people reach it: --domain links.example"
  [ "$tls" = local ] || [ -n "$email" ] || die "Let's Encrypt wants an address: --email you@example (or --tls local)"
fi
[ "$(id -u)" = 0 ] || die "run it as root: sudo $0"

cd "$(dirname "$0")/.."
. deploy/install/database.sh
if [ "$action" = remove ]; then . deploy/install/removing.sh; exit; fi
. deploy/install/release.sh
. deploy/install/front.sh

# Those that are not there: a package that was removed is still known, and one that broke off is not installed.
get_packages() {
  # shellcheck disable=SC2016 # dpkg's own placeholder
  if states=$(dpkg-query -W -f '${db:Status-Status}\n' "$@" 2>/dev/null) &&
    [ "$(echo "$states" | sort -u)" = installed ]; then return; fi
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends "$@"
}

# An interrupt ends this as a failure does, with what `leave` takes back.
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
trap leave EXIT

# --- The steps --------------------------------------------------------------------------------------

choose_database

say "Debian's packages: Python, nginx, PostgreSQL"
packages="nginx openssl python3-venv"
[ "$database" = embedded ] || is_yours || packages="$packages postgresql"
[ "$tls" = local ] || packages="$packages certbot"
export DEBIAN_FRONTEND=noninteractive
# shellcheck disable=SC2086 # a list of words
get_packages $packages
python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && python=python3 || python=python3.11
[ "$python" = python3 ] || get_packages python3.11-venv

say "A user of its own, who cannot log in"
id linkhold >/dev/null 2>&1 || useradd --system --user-group --home-dir /var/lib/linkhold --shell /usr/sbin/nologin linkhold
install -d -m 0700 -o linkhold -g linkhold /var/lib/linkhold
install -d -m 0755 /etc/linkhold /etc/linkhold/tls /opt/linkhold /var/lib/linkhold-web

say "Linkhold, in an environment of its own beside the one that runs"
make_release

say "The database"
[ "$database" = embedded ] || is_yours || make_database

say "The settings, in /etc/linkhold/environment"
write_settings

say "The schema of the new version; the version before serves meanwhile"
migrate

say "The services"
start_release

say "nginx, with a certificate for $domain"
make_certificate
configure_nginx
[ "$tls" = local ] || ask_lets_encrypt

say "Linkhold is at https://$domain/"
first=$(linkhold account setup 2>/dev/null || true)
[ -z "$first" ] || printf 'Create the first account, once, at\n  %s\n' "$first"
echo "What it says:  journalctl --unit linkhold --follow"
echo "What is wrong: linkhold doctor"
[ -z "$unfinished" ] || die "$unfinished"
