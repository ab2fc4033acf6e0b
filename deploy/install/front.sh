# nginx in front, and its certificate: of your own authority, or of Let's Encrypt.

site=/etc/nginx/sites-available/linkhold
enabled=/etc/nginx/sites-enabled/linkhold
certificates=/etc/linkhold/tls
# There while nginx has yet to read what was changed: a run that broke off in between is made up for.
unread=/etc/linkhold/nginx-reads-anew
# What nginx's configuration was when it was written here, to tell what you changed in it.
written=/etc/linkhold/nginx-as-written
# What certbot runs when it has renewed a certificate.
renewed=/etc/letsencrypt/renewal-hooks/deploy/linkhold
day=86400

# Of your own authority: for an address without a public name, and until Let's Encrypt has answered.
make_certificate() {
  if [ "$tls" = certbot ] && [ -e $certificates/certificate.pem ]; then return; fi
  if is_ours && lasts 30 $certificates/certificate.pem &&
    openssl x509 -in $certificates/certificate.pem -noout -checkhost "$domain" | grep -q 'does match'; then return; fi
  made=$(mktemp -d)
  may_certify || make_authority
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$domain" \
    -keyout "$made/key.pem" -out "$made/request.pem" 2>/dev/null
  # All of it is asked for by clients that are strict, as Python's are since 3.13.
  printf '%s\n' "subjectAltName=DNS:$domain" basicConstraints=critical,CA:FALSE keyUsage=critical,digitalSignature \
    extendedKeyUsage=serverAuth subjectKeyIdentifier=hash authorityKeyIdentifier=keyid >"$made/extensions"
  openssl x509 -req -in "$made/request.pem" -CA $certificates/authority.pem -CAkey $certificates/authority.key \
    -CAcreateserial -days 800 -extfile "$made/extensions" -out "$made/certificate.pem" 2>/dev/null
  put key.pem 0600
  put certificate.pem 0644
  rm -r "$made"
}

# Whether the authority lasts longer than a certificate, and is for this name.
may_certify() {
  lasts 830 $certificates/authority.pem &&
    openssl x509 -in $certificates/authority.pem -noout -ext nameConstraints 2>/dev/null | grep -qx " *DNS:$domain"
}

# Install authority.pem on the devices that are to trust it. Whoever steals its key can pose as this server, and
# as no other: it is for this name alone.
make_authority() {
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 -subj "/CN=Linkhold on $domain" \
    -keyout "$made/authority.key" -out "$made/authority.pem" -addext 'basicConstraints=critical,CA:TRUE,pathlen:0' \
    -addext keyUsage=critical,keyCertSign,cRLSign -addext "nameConstraints=critical,permitted;DNS:$domain" 2>/dev/null
  put authority.key 0600
  put authority.pem 0644
  [ "$tls" = certbot ] || warn "a new authority: install $certificates/authority.pem on the devices that are to trust this server"
}

# In one step, and in the place of a link to Let's Encrypt's, not of what that leads to.
put() {
  touch $unread
  install -m "$2" "$made/$1" "$certificates/$1.new"
  mv -T "$certificates/$1.new" "$certificates/$1"
}

is_ours() { [ -e $certificates/certificate.pem ] && [ ! -L $certificates/certificate.pem ]; }

# lasts DAYS FILE: whether a certificate is there, and good for so long.
lasts() { [ -e "$2" ] && openssl x509 -in "$2" -noout -checkend $(($1 * day)) >/dev/null; }

# The configuration that nginx refuses never stays: it would not start again after the next reboot.
configure_nginx() {
  sed "s/links\.example/$domain/g" deploy/nginx/linkhold.conf >$site.new
  # Without IPv6 nginx would not start.
  [ -e /proc/net/if_inet6 ] || sed -i '/listen \[::\]/d' $site.new
  # What nginx refuses may be another's fault, and then ours was good, changed or not.
  rm -f $site.before
  [ ! -e $site ] || cp -p $site $site.before
  was_enabled=$(readlink $enabled || true)
  if ! cmp -s $site.new $site; then
    touch $unread
    keep_your_changes
    mv $site.new $site
  fi
  rm -f $site.new
  ln -sfn ../sites-available/linkhold $enabled
  nginx -q -t || refuse_configuration
  rm -f $site.before
  take_welcome_page_away
  sha256sum <$site >$written
  systemctl enable --quiet --now nginx || die "nginx does not start: journalctl --unit nginx says why"
  reload_nginx
}

keep_your_changes() {
  if [ ! -e $site ] || sha256sum <$site | cmp -s - $written; then return; fi
  cp -p $site $site.yours
  warn "$site was changed by hand, and is written anew; what was there is kept as $site.yours"
}

# Debian's, at the first installation only: later it is there because somebody wants it.
take_welcome_page_away() {
  if [ -e $written ] || [ ! -e /etc/nginx/sites-enabled/default ]; then return; fi
  touch $unread
  rm /etc/nginx/sites-enabled/default
  warn "nginx's welcome page is not shown any more; it stays in /etc/nginx/sites-available/default"
}

refuse_configuration() {
  if [ -e $site.before ]; then mv $site.before $site; else rm -f $site; fi
  [ -n "$was_enabled" ] || rm -f $enabled
  die "nginx refuses its configuration; above is why. What was there before is back; run this again when it is mended."
}

# A reload closes the connections that wait for a next request: only for what has changed.
reload_nginx() {
  [ -e $unread ] || return 0
  systemctl reload nginx
  rm $unread
}

ask_lets_encrypt() {
  live=/etc/letsencrypt/live/$domain
  [ -e "$live/fullchain.pem" ] || certbot certonly --non-interactive --agree-tos --email "$email" --webroot \
    --webroot-path /var/lib/linkhold-web --domain "$domain" || { do_without_lets_encrypt; return; }
  # For a certificate too that was there before, from a certbot of yours.
  install -d "${renewed%/*}"
  printf '#!/bin/sh\nsystemctl reload nginx\n' >$renewed
  chmod 0755 $renewed
  ! grep -qs '^authenticator *= *standalone' "/etc/letsencrypt/renewal/$domain.conf" ||
    warn "certbot cannot renew the certificate of $domain as it was made, because nginx has port 80 now; once:
certbot certonly --cert-name $domain --domain $domain --webroot --webroot-path /var/lib/linkhold-web --force-renewal"
  link "$live/privkey.pem" key.pem
  link "$live/fullchain.pem" certificate.pem
  reload_nginx
}

do_without_lets_encrypt() {
  unfinished="Let's Encrypt gave no certificate, above is why: does $domain lead here, and is port 80 open to the
world? Until then a certificate of your own authority is shown, which browsers warn of. Run this again when it is mended."
}

link() {
  [ "$(readlink "$certificates/$2" || true)" != "$1" ] || return 0
  touch $unread
  ln -sfn "$1" "$certificates/$2"
}
