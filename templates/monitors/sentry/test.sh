BODY='{"action":"created","data":{"issue":{"id":"1","title":"Try"}}}'
SIGNED=$(printf %s "$BODY" | openssl dgst -sha256 -hmac "SECRET" | sed 's/.*= *//')
curl -H "Sentry-Hook-Signature: $SIGNED" -d "$BODY" http://127.0.0.1:8000/intake/sentry/test
