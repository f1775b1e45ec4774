"""The page: explore the answer in a browser, or inside Jupyter."""
