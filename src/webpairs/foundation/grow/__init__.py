"""The recorded, seeded recipe that grows the stand-in models: a small CLIP and a small SDXL, on drawn scenes.

They have the architectures and formats of the real ones, so that the same code loads either, and know nothing but the
drawn world of `webpairs.scenes`. `python -m webpairs.foundation.grow FOLDER` grows them anew.
"""
