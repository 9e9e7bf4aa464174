#!/bin/sh
# An answer as JSON for another program (session object: json, structured output).
cat > summary.json <<'SCHEMA'
{
  "type": "object",
  "properties": {"key_points": {"type": "array", "items": {"type": "string"}}, "conclusion": {"type": "string"}},
  "required": ["key_points", "conclusion"]
}
SCHEMA

rejoinder ask --schema summary.json "Tokyo or Kyoto?" | python3 -c 'import json, sys; print(json.load(sys.stdin)["conclusion"])'
