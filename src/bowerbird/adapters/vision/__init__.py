"""Seeing pictures, by OpenCV and ONNX Runtime: `embedder.py` and `likeness.py` ask, all else runs in their hands.

OpenCV decodes here, not Pillow: it matches points anyway, so a hand loads one library of pictures, and Pillow stays the
only one that meets the bytes of strangers.
"""

import os

from bowerbird.adapters.vision.limits import PIXELS_MAX

# Both libraries read these when they are loaded, which nothing does before this.
os.environ["OPENCV_IO_MAX_IMAGE_PIXELS"] = str(PIXELS_MAX)
os.environ["OPENCV_LOG_LEVEL"] = "SILENT"
# Else it tells its maker of every model that is loaded, by a thread, a database in the home folder and HTTPS.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
