curl -H "Authorization: Bearer SECRET" http://127.0.0.1:8000/intake/cloudwatch/test -d '{"Type":"Notification","MessageId":"1","TopicArn":"x","Timestamp":"x",
"Message":"{\"AlarmName\":\"try\",\"NewStateValue\":\"ALARM\",\"StateChangeTime\":\"'$(date -u +%FT%T.000+0000)'\"}"}'
