"""Figures: one file per question, each a function that picks the numbers and one that draws them."""
