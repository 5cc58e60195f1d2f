"""What a server knows between requests: accounts, tasks, files, the journal, the clock."""
