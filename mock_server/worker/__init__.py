"""The process that serves: its threads, its memory, its connections and its end."""
