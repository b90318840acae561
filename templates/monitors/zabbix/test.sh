curl -H "Authorization: Bearer SECRET" http://127.0.0.1:8000/intake/zabbix/test -d '{"event_id":"try","event_value":"1","name":"Try"}'
