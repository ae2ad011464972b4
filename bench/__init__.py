"""How fast is Pixel beside the alternatives that one could have built? `python -m bench` writes RESULTS.md."""
