"""Makes the model that sees pictures, from packages that are installed; `convert.py` is what set-up runs."""

import os

# ONNX Runtime reads this when it is loaded: else it tells its maker that it was used.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
