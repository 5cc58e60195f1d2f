"""The proof of the harness itself: liars found, honest servers left alone, claims covered, all of it explained."""
