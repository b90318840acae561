aws sns subscribe --topic-arn TOPIC --protocol https --notification-endpoint https://desk.example.com/intake/cloudwatch
