# Takes away what the other steps made; your data only when that was said twice.

say "Stopping and removing Linkhold"
units=/etc/systemd/system
systemctl disable --now linkhold-worker.service linkhold.service linkhold.socket 2>/dev/null || true
rm -f $units/linkhold.socket $units/linkhold.service $units/linkhold-worker.service \
  $units/nginx.service.d/linkhold.conf $units/postgresql@.service.d/linkhold.conf \
  /etc/nginx/sites-enabled/linkhold /etc/nginx/sites-available/linkhold
rm -rf $units/linkhold.service.d /opt/linkhold /run/linkhold /usr/local/bin/linkhold
systemctl daemon-reload
systemctl reload nginx 2>/dev/null || true
if [ "$confirmed" != " yes yes" ]; then
  echo "Your data is kept: the database, /var/lib/linkhold and /etc/linkhold."
  echo "To destroy it too, for ever: $0 remove --and-all-data --and-all-data"
else
  say "Destroying every link that was saved here"
  if [ "$database" != embedded ]; then
    # Those too that were set aside when a dump was put back.
    runuser -u postgres -- psql -tAc "SELECT d.datname FROM pg_database d JOIN pg_roles r ON r.oid = d.datdba
      WHERE r.rolname = 'linkhold'" | while read -r each; do runuser -u postgres -- dropdb "$each" </dev/null; done
    runuser -u postgres -- dropuser --if-exists linkhold
  fi
  rm -rf /var/lib/linkhold /var/lib/linkhold-web /etc/linkhold
  userdel linkhold 2>/dev/null || true
fi
