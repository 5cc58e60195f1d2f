"""What holds for requests on their way: deadlines, pace, patience, announced waits, and a request as a command."""
