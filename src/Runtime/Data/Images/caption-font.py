#!/usr/bin/env python3
"""Draws caption-font.png: printable ASCII and Latin-1 of DejaVu Sans Mono, 16 glyphs a row, 8 x 16 pixels each, gray coverage.

Needs Pillow and the DejaVu fonts (free licence, see dejavu-fonts.github.io/License.html). Run here, only to change the font.
"""
from PIL import Image, ImageDraw, ImageFont

font = ImageFont.truetype("/usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf", 13)
glyphs = [chr(c) for c in list(range(32, 128)) + list(range(160, 256))]
sheet = Image.new("L", (16 * 8, 16 * len(glyphs) // 16))
draw = ImageDraw.Draw(sheet)
for i, glyph in enumerate(glyphs):
    cell = Image.new("L", (8, 16))
    if glyph.isprintable() or glyph == "\xa0":
        ImageDraw.Draw(cell).text((0, 0), glyph, font=font, fill=255)
    sheet.paste(cell, (i % 16 * 8, i // 16 * 16))
sheet.save("caption-font.png", optimize=True)
