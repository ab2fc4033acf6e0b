# nginx in front, and its certificate: of your own authority, or of Let's Encrypt.

site=/etc/nginx/sites-available/linkhold
certificates=/etc/linkhold/tls
# There while nginx has yet to read what was changed: a run that broke off in between is made up for.
unread=/etc/linkhold/nginx-reads-anew
day=86400

# Of your own authority: for an address without a public name, and until Let's Encrypt has answered.
make_certificate() {
  if [ "$tls" = certbot ] && [ -e $certificates/certificate.pem ]; then return; fi
  if is_ours && lasts 30 $certificates/certificate.pem &&
    openssl x509 -in $certificates/certificate.pem -noout -checkhost "$domain" | grep -q 'does match'; then return; fi
  made=$(mktemp -d)
  lasts 830 $certificates/authority.pem || make_authority
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$domain" \
    -keyout "$made/key.pem" -out "$made/request.pem" 2>/dev/null
  printf 'subjectAltName=DNS:%s\nextendedKeyUsage=serverAuth\n' "$domain" >"$made/extensions"
  openssl x509 -req -in "$made/request.pem" -CA $certificates/authority.pem -CAkey $certificates/authority.key \
    -CAcreateserial -days 800 -extfile "$made/extensions" -out "$made/certificate.pem" 2>/dev/null
  put key.pem 0600
  put certificate.pem 0644
  rm -r "$made"
}

# Install authority.pem on the devices that are to trust it.
make_authority() {
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 -subj "/CN=Linkhold on $domain" \
    -keyout "$made/authority.key" -out "$made/authority.pem" -addext 'basicConstraints=critical,CA:TRUE,pathlen:0' 2>/dev/null
  put authority.key 0600
  put authority.pem 0644
  [ "$tls" = certbot ] || warn "install $certificates/authority.pem on the devices that are to trust this server"
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
  if ! cmp -s $site.new $site; then
    touch $unread
    [ ! -e $site ] || cp -p $site $site.before
    mv $site.new $site
  fi
  ln -sfn ../sites-available/linkhold /etc/nginx/sites-enabled/linkhold
  rm -f /etc/nginx/sites-enabled/default $site.new
  nginx -q -t || refuse_configuration
  rm -f $site.before
  systemctl enable --quiet --now nginx || die "nginx does not start: journalctl --unit nginx says why"
  reload_nginx
}

refuse_configuration() {
  if [ -e $site.before ]; then mv $site.before $site; else rm -f $site /etc/nginx/sites-enabled/linkhold; fi
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
    --webroot-path /var/lib/linkhold-web --domain "$domain" --deploy-hook 'systemctl reload nginx'
  link "$live/privkey.pem" key.pem
  link "$live/fullchain.pem" certificate.pem
  reload_nginx
}

link() {
  [ "$(readlink "$certificates/$2" || true)" != "$1" ] || return 0
  touch $unread
  ln -sfn "$1" "$certificates/$2"
}
