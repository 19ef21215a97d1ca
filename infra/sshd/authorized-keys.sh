#!/bin/sh
# For AuthorizedKeysCommand of sshd: authorized-keys.sh CONFIG USER
# Prints the keys that may log in as USER now, or nothing. Whatever goes wrong, it prints nothing and fails:
# sshd then lets nobody in by it. Needs curl and grep.
set -u
PATH=/usr/bin:/bin
LC_ALL=C
export PATH LC_ALL

fail() {
  echo "portcullis: $1" >&2
  exit 1
}

[ $# -eq 2 ] || fail 'usage: authorized-keys.sh CONFIG USER'
# Sets PORTCULLIS_URL, PORTCULLIS_RENTAL, PORTCULLIS_TOKEN_FILE, PORTCULLIS_USERS. Only root may write it.
. "$1" || fail 'no config'

user=$2
case $user in
  '' | -* | *[!A-Za-z0-9_.-]*) fail 'no name of a user' ;;
esac
case " $PORTCULLIS_USERS " in
  *" $user "*) ;;
  *) fail 'nobody logs in by it as that user' ;;
esac
case $PORTCULLIS_URL in
  https://* | http://127.0.0.1:*) ;;
  *) fail 'PORTCULLIS_URL is not https' ;;
esac
case $PORTCULLIS_RENTAL in
  '' | *[!A-Za-z0-9._-]*) fail 'no name of a rental' ;;
esac
IFS= read -r token <"$PORTCULLIS_TOKEN_FILE" || [ -n "${token-}" ] || fail 'no token'
case $token in
  prt_*[!A-Za-z0-9_-]* | prt_) fail 'no token of a rental' ;;
  prt_*) ;;
  *) fail 'no token of a rental' ;;
esac

# The token goes in by stdin: every user of the machine can read arguments. No redirect is followed.
answer=$(
  printf 'header = "Authorization: Bearer %s"\n' "$token" |
    curl --disable --config - --silent --fail --max-time 3 --max-filesize 65536 --proto '=https,http' \
      --write-out '\n%{http_code}' \
      "$PORTCULLIS_URL/v1/rentals/$PORTCULLIS_RENTAL/authorized-keys?user=$user"
) || fail 'no answer'

status=${answer##*
}
[ "$status" = 200 ] || fail 'not answered with 200'
lines=${answer%
*}
# An account without a key: nobody, and nothing is wrong.
[ -n "$lines" ] || exit 0

# Type, data, our comment: no options, no spaces, nothing else. One strange line, and none is taken.
types='ssh-ed25519|sk-ssh-ed25519@openssh\.com|ecdsa-sha2-nistp(256|384|521)|sk-ecdsa-sha2-nistp256@openssh\.com|ssh-rsa'
canonical="^($types) AAAA[A-Za-z0-9+/]+={0,2} portcullis:ssh_[0-9a-f]{32}\$"
lines=${lines%
}
if printf '%s\n' "$lines" | grep -Evq "$canonical"; then fail 'an answer that is no list of keys'; fi
printf '%s\n' "$lines"
