#!/bin/sh
# An image that goes along with a question, to a model that sees (session memory: with image).
python3 -c 'import base64, pathlib; pathlib.Path("chart.png").write_bytes(base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="))'

rejoinder ask --image chart.png --session analysis_2025 "Explain this chart"
rejoinder history show --session analysis_2025
