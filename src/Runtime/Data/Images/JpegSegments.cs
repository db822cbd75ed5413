namespace Mtlc.Runtime.Data.Images;

/// <summary>Walks a JPEG from marker to marker (ITU T.81, annex B).</summary>
static class JpegSegments
{
    /// <summary>
    /// Whether an end marker closes the picture. libjpeg fills a missing end with gray and calls it a warning. Behind the end may
    /// be anything (a phone's video); before it, thumbnails in APPn segments have ends of their own. Entropy-coded data have no
    /// marker but RSTn: a data byte FF is followed by 00. </summary>
    public static bool IsWhole(ReadOnlySpan<byte> file)
    {
        var at = 2; // behind SOI
        var scans = 0;
        while (true)
        {
            // To the next marker: over coded data, over the FFs that may precede a marker, and over what damage left between
            // segments, as libjpeg does.
            while (at + 1 < file.Length && !(file[at] == 0xFF && file[at + 1] is not (0x00 or 0xFF)))
                at++;
            if (at + 1 >= file.Length)
                return false;
            var marker = file[at + 1];
            at += 2;
            switch (marker)
            {
                case EndOfImage:
                    return scans > 0;
                case 0x01 or StartOfImage or (>= Restart0 and <= Restart7): // no length follows
                    continue;
            }
            if (at + 2 > file.Length)
                return false;
            scans += marker == StartOfScan ? 1 : 0;
            at += Math.Max(2, file[at] << 8 | file[at + 1]);
        }
    }

    const byte Restart0 = 0xD0,
        Restart7 = 0xD7,
        StartOfImage = 0xD8,
        EndOfImage = 0xD9,
        StartOfScan = 0xDA;
}
