curl -H "Authorization: Bearer SECRET" http://127.0.0.1:8000/intake/grafana/test -d '{"version":"1","groupKey":"x","status":"firing","receiver":"x",
"groupLabels":{},"commonLabels":{},"commonAnnotations":{},"externalURL":"","alerts":[{"status":"firing","labels":{"alertname":"Try"},
"startsAt":"'$(date -u +%FT%TZ)'","fingerprint":"try"}]}'
