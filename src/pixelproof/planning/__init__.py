"""What is planned before anything is sent: cases, what they demand, how they are combined, and what they may cost."""
