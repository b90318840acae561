curl "http://127.0.0.1:8000/intake/mackerel/test?key=KEY" -d '{"event":"alert","alert":{"id":"try","isOpen":true,"monitorName":"Try","openedAt":'$(date +%s)'}}'
