"""What leaves a run: tables, figures, the answer in words, and the folder that holds them."""
