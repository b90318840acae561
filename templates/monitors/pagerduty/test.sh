BODY='{"event":{"id":"1","event_type":"incident.triggered","occurred_at":"'$(date -u +%FT%TZ)'","data":{"id":"P1","title":"Try"}}}'
SIGNED=$(printf %s "$BODY" | openssl dgst -sha256 -hmac "SECRET" | sed 's/.*= *//')
curl -H "X-PagerDuty-Signature: v1=$SIGNED" -d "$BODY" http://127.0.0.1:8000/intake/pagerduty/test
