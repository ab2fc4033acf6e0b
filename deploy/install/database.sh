# Which PostgreSQL is used, its role and database, and the settings that name it.

oldest_postgresql=15
environment=/etc/linkhold/environment
asked=/etc/linkhold/install
made_database=/etc/linkhold/debian-database
url="postgresql://linkhold@/linkhold?host=/run/postgresql"

# The major version of the server on the usual port; where there is none, of the one that apt would install.
postgresql_version() {
  version=$(pg_lsclusters --no-header 2>/dev/null | awk '$3 == 5432 { print int($1); exit }')
  [ -n "$version" ] || version=$(apt-cache policy postgresql | sed -n 's/^ *Candidate: *\([0-9][0-9]*\).*/\1/p')
  [ -n "$version" ] || { apt-get update -qq
    version=$(apt-cache policy postgresql | sed -n 's/^ *Candidate: *\([0-9][0-9]*\).*/\1/p'); }
  echo "${version:-0}"
}

# Whether the settings name a PostgreSQL of yours, on another machine or by way of a pooler: nothing is made there.
is_yours() {
  grep -qs '^LINKHOLD_DATABASE_URL' $environment && ! grep -qxF "LINKHOLD_DATABASE_URL=$url" $environment
}

# Before anything is made: Ubuntu 22.04 has PostgreSQL 14, with which Linkhold would not start.
choose_database() {
  if [ "$database" = embedded ]; then return; fi
  if is_yours; then database=debian; return; fi
  version=$(postgresql_version)
  if [ "$version" -ge $oldest_postgresql ]; then
    database=debian
  elif [ "$database" = debian ]; then
    die "the PostgreSQL here is version $version, and Linkhold needs $oldest_postgresql or later: give --database embedded"
  else
    say "PostgreSQL is version $version here, which is too old: Linkhold's own is used (--database embedded)"
    database=embedded
  fi
}

# On the port that our own URL means, where there may be several.
as_postgres() { PGPORT=5432 runuser -u postgres -- "$@"; }

# With checksums a disk that decays is noticed. They need a stop: only while nobody has a database there.
enable_checksums() {
  [ "$(as_postgres psql -tAc 'SHOW data_checksums')" = off ] || return 0
  [ -z "$(as_postgres psql -tAc "SELECT 1 FROM pg_database WHERE NOT datistemplate AND datname <> 'postgres'")" ] ||
    return 0
  pg_lsclusters --no-header | awk '$3 == 5432' | while read -r version name _; do
    systemctl stop "postgresql@$version-$name"
    as_postgres "/usr/lib/postgresql/$version/bin/pg_checksums" --enable \
      -D "/var/lib/postgresql/$version/$name" >/dev/null </dev/null || true
    systemctl start "postgresql@$version-$name"
  done
}

# The role owns its database and is no superuser; who is logged in as linkhold, is linkhold there too.
make_database() {
  systemctl start postgresql
  [ -S /run/postgresql/.s.PGSQL.5432 ] || die "no PostgreSQL of Debian's is on port 5432 (pg_lsclusters tells where):
give --database embedded, or name yours in $environment, as docs/postgresql.md tells"
  enable_checksums
  # For the day on which all data is to go, though another database may be used by then.
  touch $made_database
  [ -n "$(as_postgres psql -tAc "SELECT 1 FROM pg_roles WHERE rolname = 'linkhold'")" ] || as_postgres createuser linkhold
  [ -n "$(as_postgres psql -tAc "SELECT 1 FROM pg_database WHERE datname = 'linkhold'")" ] ||
    as_postgres createdb --owner linkhold --encoding UTF8 --template template0 linkhold
}

# Writes the settings; later, only those lines that are still ours, and only when something else is asked for.
write_settings() {
  if [ -e $environment ]; then
    cp -p $environment $environment.new
  else
    was_domain='' was_database=''
    (umask 077; cat >$environment.new) <<END
# Linkhold's settings, a NAME=VALUE a line; docs/settings.md tells them all. After a change:
# systemctl restart linkhold
END
  fi
  # At the first installation, also where somebody wrote the file before: later it is theirs.
  if [ -z "$was_domain" ]; then
    for each in LINKHOLD_DATA_DIR=/var/lib/linkhold LINKHOLD_TRUSTED_PROXIES=unix; do
      grep -q "^${each%%=*}=" $environment.new || echo "$each" >>$environment.new
    done
  fi
  setting LINKHOLD_PUBLIC_URL "${was_domain:+https://$was_domain}" "https://$domain"
  setting LINKHOLD_HOSTS "$was_domain" "$domain"
  was_url='' wanted_url=''
  [ "$was_database" != debian ] || was_url=$url
  [ "$database" != debian ] || wanted_url=$url
  if ! is_yours; then
    setting LINKHOLD_DATABASE_URL "$was_url" "$wanted_url"
  elif [ -n "$was_database" ] && [ "$was_database" != "$database" ]; then
    warn "$environment names a PostgreSQL of yours, and that stays"
  fi
  keep_settings
  chown root:linkhold $environment.new
  chmod 0640 $environment.new
  mv $environment.new $environment
  printf "domain='%s' email='%s' tls='%s' database='%s' server='%s'\n" \
    "$domain" "$email" "$tls" "$database" "$server" >$asked
  if [ -n "$was_database" ] && [ "$was_database" != "$database" ] && ! is_yours; then
    warn "the links that were saved so far stay in the database before ($was_database): export them there, and import them here"
  fi
}

# For the version before, which may be put back.
settings_kept=''
keep_settings() {
  for each in $environment $asked; do
    rm -f "$each.before"
    [ ! -e "$each" ] || cp -p "$each" "$each.before"
  done
  settings_kept=yes
}

put_settings_back() {
  for each in $environment $asked; do
    [ ! -e "$each.before" ] || mv "$each.before" "$each"
  done
}

# setting NAME WAS WANTED: a line that somebody changed by hand stays, and that is said.
setting() {
  if [ "$2" = "$3" ] || { [ -n "$3" ] && grep -qxF "$1=$3" $environment.new; }; then return; fi
  if grep -q "^$1=" $environment.new; then
    grep -qxF "$1=$2" $environment.new ||
      { warn "$1 was changed by hand in $environment and stays; what is asked for would be $1=$3"; return; }
    # It may hold a password.
    (umask 077; grep -vxF "$1=$2" $environment.new >$environment.rest) || true
    mv $environment.rest $environment.new
  fi
  [ -z "$3" ] || echo "$1=$3" >>$environment.new
}
