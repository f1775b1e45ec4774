"""What to say: tables, figures and reports from a fit; nothing here opens a model."""
