"""What Pixel's speed is, side by side with what else one could have built: `python -m bench` writes RESULTS.md."""
