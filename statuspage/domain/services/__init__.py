"""What is so about a service: its words, its states during an incident, its uptime, its former ids."""
