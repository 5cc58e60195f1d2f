"""What holds for requests on their way: deadlines, encodings, pace, patience, silence, and waits that are announced."""
