"""Pages: tables and figures as one HTML file that asks for nothing outside of it."""
