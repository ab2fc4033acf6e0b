# Takes away what the other steps made; your data only when that was said twice.

say "Stopping and removing Linkhold"
units=/etc/systemd/system
systemctl disable --now linkhold-worker.service linkhold.service linkhold.socket 2>/dev/null || true
rm -f $units/linkhold.socket $units/linkhold.service $units/linkhold-worker.service \
  $units/nginx.service.d/linkhold.conf $units/postgresql@.service.d/linkhold.conf \
  /etc/nginx/sites-enabled/linkhold /etc/nginx/sites-available/linkhold /etc/letsencrypt/renewal-hooks/deploy/linkhold
rm -rf $units/linkhold.service.d $units/linkhold-worker.service.d /opt/linkhold /run/linkhold /usr/local/bin/linkhold
systemctl daemon-reload
systemctl reload nginx 2>/dev/null || true
# Certificates that certbot renewed by way of our nginx, and cannot renew any more.
certificates=$(grep -ls /var/lib/linkhold-web /etc/letsencrypt/renewal/*.conf | xargs -r -n 1 basename -s .conf)
if [ "$confirmed" != " yes yes" ]; then
  echo "Your data is kept: the database, /var/lib/linkhold and /etc/linkhold."
  for each in $certificates; do
    echo "certbot goes on trying to renew the certificate of $each; to end that: certbot delete --cert-name $each"
  done
  echo "To destroy it too, for ever: $0 remove --and-all-data --and-all-data"
else
  say "Destroying every link that was saved here"
  pooler=$units/pgbouncer.service.d/linkhold.conf
  if [ -e $pooler ]; then
    # It runs as the user who goes.
    systemctl disable --now --quiet pgbouncer 2>/dev/null || true
    rm $pooler
    systemctl daemon-reload
    warn "pgbouncer is stopped; its settings for Linkhold stay in /etc/pgbouncer"
  fi
  if { [ -e "$made_database" ] || { [ "$database" = debian ] && ! is_yours; }; } && id postgres >/dev/null 2>&1; then
    # Those too that were set aside when a dump was put back.
    as_postgres psql -tAc "SELECT d.datname FROM pg_database d JOIN pg_roles r ON r.oid = d.datdba
      WHERE r.rolname = 'linkhold'" | while read -r each; do as_postgres dropdb "$each" </dev/null; done
    as_postgres dropuser --if-exists linkhold ||
      die "Linkhold's database in Debian's PostgreSQL stays, above is why; run this again when it is mended."
  fi
  [ -e "$made_database" ] || ! is_yours || warn "the database that $environment names is yours, and stays"
  for each in $certificates; do
    certbot delete --non-interactive --quiet --cert-name "$each" || warn "certbot still renews the certificate of $each"
  done
  rm -rf /var/lib/linkhold /var/lib/linkhold-web /etc/linkhold
  userdel linkhold 2>/dev/null || true
fi
