"""What the measurements stand on: processes and their figures, private folders, running peers, the printed table."""
