#!/bin/sh
# For RevokedKeys of sshd: revoked-keys.sh CONFIG
# Puts the revocation list into PORTCULLIS_KRL, whole or not at all. What is there stays where no good list is to be had:
# sshd refuses everybody when it cannot read the file. Run it every minute. Needs curl and ssh-keygen.
set -u
PATH=/usr/bin:/bin
LC_ALL=C
export PATH LC_ALL
umask 022

fail() {
  echo "portcullis: $1" >&2
  exit 1
}

[ $# -eq 1 ] || fail 'usage: revoked-keys.sh CONFIG'
# Sets PORTCULLIS_URL, PORTCULLIS_TOKEN_FILE and PORTCULLIS_KRL. Only root may write it.
. "$1" || fail 'no config'

case $PORTCULLIS_URL in
  https://* | http://127.0.0.1:*) ;;
  *) fail 'PORTCULLIS_URL is not https' ;;
esac
IFS= read -r token <"$PORTCULLIS_TOKEN_FILE" || [ -n "${token-}" ] || fail 'no token'
case $token in
  prt_*[!A-Za-z0-9_-]* | prt_) fail 'no token of a rental' ;;
  prt_*) ;;
  *) fail 'no token of a rental' ;;
esac

# In the same folder, so that the rename is one step; the name is new, so that no link is followed.
new=$(mktemp "$PORTCULLIS_KRL.XXXXXXXX") || fail 'no place for the list'
trap 'rm -f "$new"' EXIT
trap 'exit 1' HUP INT TERM

status=$(
  printf 'header = "Authorization: Bearer %s"\n' "$token" |
    curl --disable --config - --silent --fail --max-time 20 --max-filesize 33554432 --proto '=https,http' \
      --output "$new" --write-out '%{http_code}' "$PORTCULLIS_URL/v1/ssh/revoked-keys.krl"
) || fail 'no answer'
[ "$status" = 200 ] || fail 'not answered with 200'

# OpenSSH itself must be able to read it; it takes a text for a list of keys, so the first bytes are looked at, too.
[ "$(head -c 6 "$new")" = SSHKRL ] || fail 'an answer that is no KRL'
ssh-keygen -Q -l -f "$new" >/dev/null 2>&1 || fail 'a KRL that OpenSSH cannot read'

if cmp -s "$new" "$PORTCULLIS_KRL"; then exit 0; fi
chmod 644 "$new" || fail 'no list that sshd can read'
sync "$new" 2>/dev/null || sync
mv -f "$new" "$PORTCULLIS_KRL" || fail 'the list stays as it was'
