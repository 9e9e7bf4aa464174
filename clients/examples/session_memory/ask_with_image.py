"""An image that goes along with a question (session memory: with image)."""

import base64
from pathlib import Path

from rejoinder_client import Client

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="

Path("chart.png").write_bytes(base64.b64decode(PIXEL))

with Client() as client:
    session = client.session("analysis_2025")
    print(session.ask("Explain this chart", attachments=["chart.png"]))
    for attachment in session.messages[0].attachments or ():
        print(attachment.uri)
