# A version of Linkhold: made beside the one that runs, its schema, and its start; or back to the one before.

units=/etc/systemd/system
current=/opt/linkhold/current
release=/opt/linkhold/$(date +%Y%m%d-%H%M%S)
# Only what was ready once can be gone back to.
before=$(readlink $current || true)
[ -e "$before/share/was-ready" ] || before=''

# Everything of a version stands in its directory, its units too, so that it can be put back whole.
make_release() {
  $python -m venv "$release"
  requirements=requirements/run.txt
  [ "$server" = granian ] || requirements=requirements/gunicorn.txt
  "$release/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: \
    ${wheels:+--no-index --find-links "$wheels"} -r $requirements
  "$release/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --no-index .
  install -D -m 0644 -t "$release/share" deploy/gunicorn.conf.py deploy/nginx/away.html deploy/nginx/unsent.html \
    deploy/nginx/refused.html
  install -D -m 0644 -t "$release/share/units" deploy/systemd/linkhold.socket deploy/systemd/linkhold.service \
    deploy/systemd/linkhold-worker.service
  [ "$server" = granian ] || install -m 0644 deploy/systemd/gunicorn.conf "$release/share/units/server.conf"
  "$release/bin/linkhold" static "$release/share/static" >/dev/null
  install -m 0755 deploy/linkhold "$release/share/linkhold"
}

# However this ends. A version that was not made whole, or did not start, is no version to go back to: the one
# before stays, or comes back, with its settings. Of a first installation that does not start all is left, to be
# looked at.
leave() {
  if [ -e "$release/share/was-ready" ] || { [ "$used" = "$release" ] && [ -z "$before" ]; }; then return; fi
  [ -z "$settings_kept" ] || put_settings_back
  [ "$used" != "$release" ] || use "$before" || true
  rm -rf "$release"
}

# The new version's command, as the service's user and with its settings.
new() { LINKHOLD=$release "$release/share/linkhold" "$@"; }

schema() { new db status | sed -n 's/.*, schema \(.*\)/\1/p'; }

# Before the new version serves: what it adds to the schema is in nobody's way. The embedded database is
# dumped aside by the migration itself, every other by us.
migrate() {
  was_schema=$(schema)
  if { [ "$database" = debian ] || is_yours; } && [ "$was_schema" != none ] && new db status | grep -q 'linkhold db migrate'; then
    new db dump || die "Without a dump of the schema that is there, nothing was changed; above is what is wrong."
  fi
  new db migrate || die "The schema is as it was, and so is Linkhold; above is what is wrong."
}

start_release() {
  beside="nginx"
  [ "$database" = embedded ] || beside="$beside postgresql@"
  for unit in $beside; do
    install -D -m 0644 deploy/systemd/restart.conf "$units/$unit.service.d/linkhold.conf"
  done
  began=$(date +%s)
  # Requests that come meanwhile wait in the socket.
  use "$release" || go_back
  touch "$release/share/was-ready"
  # The version before stays, to go back to; older ones go.
  for each in /opt/linkhold/[0-9]*; do
    [ "$each" = "$release" ] || [ "$each" = "$before" ] || rm -rf "$each"
  done
}

# use RELEASE: put it in place and start it; tells whether a save would succeed then.
used=''
use() {
  used=$1
  install -m 0644 -t $units "$1/share/units/linkhold.socket" "$1/share/units/linkhold.service" \
    "$1/share/units/linkhold-worker.service"
  rm -rf $units/linkhold.service.d/server.conf
  [ ! -e "$1/share/units/server.conf" ] ||
    install -D -m 0644 "$1/share/units/server.conf" $units/linkhold.service.d/server.conf
  ln -sfn "$1" $current.new
  mv -T $current.new $current
  ln -sfn $current/share/linkhold /usr/local/bin/linkhold
  systemctl daemon-reload
  systemctl enable --quiet --now linkhold.socket
  systemctl enable --quiet linkhold.service linkhold-worker.service
  # It restarts the worker too; once more, for a version of which it does not.
  systemctl restart linkhold.service &&
    linkhold ready --socket /run/linkhold/http.sock --within 60 &&
    systemctl restart linkhold-worker.service
}

go_back() {
  # Its first words: what was wrong stands there, and after it only that it was tried again.
  journalctl --sync || true
  journalctl --unit linkhold --since "@$began" --no-pager | head -n 60 >&2 || true
  [ -n "$before" ] || die "Linkhold does not start; above is what it said."
  now_schema=$(schema || true)
  put_settings_back
  if use "$before"; then
    die "The new version does not start, and the one before is back; above is what it said."
  fi
  warn "The new version does not start, and the one before does not either; above is what the new one said."
  [ "$now_schema" = "$was_schema" ] ||
    warn "The schema is $now_schema now, and was $was_schema: restore the dump of it (linkhold db dumps)."
  die "docs/server.md tells how, under 'Back to the version before'."
}
