curl -H "Authorization: Bearer SECRET" --data-binary @message.json http://127.0.0.1:8000/intake/backup/test
