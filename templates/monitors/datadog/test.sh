curl -H "Authorization: Bearer SECRET" http://127.0.0.1:8000/intake/datadog/test \
  -d '{"alert_cycle_key":"try","alert_transition":"Triggered","alert_title":"Try","date":"'$(date +%s)000'"}'
